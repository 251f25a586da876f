// What the program needs of MPI; without the package's trait MPI there is one process.
#ifndef CMPI_H
#define CMPI_H

#include <stddef.h>

// Whether the program was built with MPI.
int cm_is_built(void);

// The library and its version; "" without MPI.
const char *cm_library(void);

// Joins the processes that were started together. To be called once, by the main thread; so is every function below.
// When one of the others is lost, the program ends with `lost` as its exit code.
void cm_join(int lost);
int cm_rank(void);
int cm_size(void);

// A message to or from a rank.
struct cm_message {
  int rank;
  void *bytes;
  size_t count;
};

// Sends and receives; returns when all has arrived. Between two ranks messages arrive in the order in which they are
// listed.
void cm_exchange(size_t sent, const struct cm_message *out, size_t received, const struct cm_message *in);

// Leaves in agreement with all others.
void cm_leave(void);

// Whether the process has joined others and has not left them.
int cm_has_joined(void);

// Ends all processes; this one's exit code is that of the job.
void cm_end_all(int code);

#endif
