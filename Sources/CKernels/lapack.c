#include <stdlib.h>

#include "CKernels.h"

enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111, TRANSPOSE = 112 };

typedef void (*dgemm_function)(int, int, int, int, int, int, double, const double *, int, const double *, int, double,
                               double *, int);
typedef void (*dsyevd_function)(const char *, const char *, const int *, double *, const int *, double *, double *,
                                const int *, int *, const int *, int *, size_t, size_t);

int ck_dgemm(int transpose_a, int transpose_b, int m, int n, int k, const double *a, const double *b, double *c) {
  const dgemm_function dgemm = (dgemm_function)ck_blas_symbol("cblas_dgemm");
  if (!dgemm) return -1;
  dgemm(ROW_MAJOR, transpose_a ? TRANSPOSE : NO_TRANSPOSE, transpose_b ? TRANSPOSE : NO_TRANSPOSE, m, n, k, 1, a,
        transpose_a ? m : k, b, transpose_b ? k : n, 0, c, n);
  return 0;
}

// LAPACK's columns are our rows, and a symmetric matrix is the same either way.
int ck_symmetric_eigen(int n, double *a, double *values) {
  const dsyevd_function dsyevd = (dsyevd_function)ck_blas_symbol("dsyevd_");
  if (!dsyevd) return -1;
  const int query = -1;
  int info = 0, integers = 0;
  double size = 0;
  dsyevd("V", "U", &n, a, &n, values, &size, &query, &integers, &query, &info, 1, 1);
  const int work_size = (int)size, integer_size = integers;
  double *work = malloc(sizeof(double) * work_size);
  int *integer_work = malloc(sizeof(int) * integer_size);
  if (work && integer_work)
    dsyevd("V", "U", &n, a, &n, values, work, &work_size, integer_work, &integer_size, &info, 1, 1);
  else
    info = -1;
  free(work);
  free(integer_work);
  return info;
}
