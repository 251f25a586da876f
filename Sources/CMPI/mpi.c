#include "CMPI.h"

#ifdef TARFLOW_MPI

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#if __has_include(<mpi.h>)
#include <mpi.h>
#else
// Debian's folder of the MPI that is chosen by update-alternatives.
#include <mpi/mpi.h>
#endif

// MPI counts in int.
#define MOST ((size_t)1 << 30)

static int has_joined, exit_code;

int cm_is_built(void) { return 1; }

const char *cm_library(void) {
  static char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length;
  MPI_Get_library_version(text, &length);
  for (int i = 0; i < length; i++) {
    if (text[i] == ',' || text[i] == '\n') {
      text[i] = 0;
      break;
    }
  }
  return text;
}

static void fail(MPI_Comm *communicator, int *error, ...) {
  (void)communicator;
  char text[MPI_MAX_ERROR_STRING];
  int length;
  MPI_Error_string(*error, text, &length);
  fprintf(stderr, "Error: the connection to another rank is lost (%s)\n", text);
  cm_end_all(exit_code);
}

void cm_join(int lost) {
  int level, is_joined;
  MPI_Initialized(&is_joined);
  if (is_joined) return;
  exit_code = lost;
  MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level);
  MPI_Errhandler handler;
  MPI_Comm_create_errhandler(fail, &handler);
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, handler);
  has_joined = 1;
}

int cm_rank(void) {
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

int cm_size(void) {
  int size;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

static size_t pieces(size_t count, const struct cm_message *messages) {
  size_t sum = 0;
  for (size_t i = 0; i < count; i++) sum += (messages[i].count + MOST - 1) / MOST;
  return sum;
}

void cm_exchange(size_t sent, const struct cm_message *out, size_t received, const struct cm_message *in) {
  int total = (int)(pieces(sent, out) + pieces(received, in)), next = 0;
  if (total == 0) return;
  MPI_Request *requests = malloc((size_t)total * sizeof *requests);
  if (!requests) abort();
  for (size_t i = 0; i < received; i++) {
    for (size_t done = 0; done < in[i].count; done += MOST) {
      size_t count = in[i].count - done < MOST ? in[i].count - done : MOST;
      MPI_Irecv((char *)in[i].bytes + done, (int)count, MPI_BYTE, in[i].rank, 0, MPI_COMM_WORLD, &requests[next++]);
    }
  }
  for (size_t i = 0; i < sent; i++) {
    for (size_t done = 0; done < out[i].count; done += MOST) {
      size_t count = out[i].count - done < MOST ? out[i].count - done : MOST;
      MPI_Isend((char *)out[i].bytes + done, (int)count, MPI_BYTE, out[i].rank, 0, MPI_COMM_WORLD, &requests[next++]);
    }
  }
  // A rank that waits for long, as for a simulation of the first one, leaves its core to others.
  struct timespec start, now, pause = {0, 1000000};
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (int done = 0, turns = 0;; turns++) {
    MPI_Testall(total, requests, &done, MPI_STATUSES_IGNORE);
    if (done) break;
    if (turns % 64 != 63) continue;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - start.tv_sec > 1) nanosleep(&pause, NULL);
  }
  free(requests);
}

void cm_leave(void) {
  if (!has_joined) return;
  MPI_Barrier(MPI_COMM_WORLD);
  has_joined = 0;
  MPI_Finalize();
}

int cm_has_joined(void) { return has_joined; }

void cm_end_all(int code) {
  MPI_Abort(MPI_COMM_WORLD, code);
  _exit(code);
}

#else

int cm_is_built(void) { return 0; }
const char *cm_library(void) { return ""; }
void cm_join(int lost) { (void)lost; }
int cm_rank(void) { return 0; }
int cm_size(void) { return 1; }
void cm_exchange(size_t sent, const struct cm_message *out, size_t received, const struct cm_message *in) {
  (void)sent, (void)out, (void)received, (void)in;
}
void cm_leave(void) {}
int cm_has_joined(void) { return 0; }
void cm_end_all(int code) { (void)code; }

#endif
