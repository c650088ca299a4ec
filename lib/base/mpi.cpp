// The door of MPI, built as a module of its own (mpi_module.hpp).
#include <mpi.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/mpi_module.hpp"

namespace diffusion {
namespace {

/// The library's own reason, on one line.
std::string reason(int status) {
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(status, text, &length);
  std::string line(text, std::size_t(length));
  std::ranges::replace(line, '\n', ' ');
  return line;
}

void check(int status, std::size_t partner) {
  if (status != MPI_SUCCESS)
    throw Error("rank " + std::to_string(partner) + " cannot be reached (" + reason(status) + ")");
}

/// MPI counts in int.
constexpr std::size_t most_bytes = std::size_t(1) << 30;

/// Calls body(first, bytes) for the pieces of a message; none for an empty one.
template <class Body>
void in_pieces(std::size_t bytes, const Body& body) {
  for (std::size_t first = 0; first < bytes; first += most_bytes)
    body(first, int(std::min(most_bytes, bytes - first)));
}

/// MPI's own waiting keeps a processor busy, which another rank here may need.
void wait(std::vector<MPI_Request>& requests, std::size_t partner) {
  constexpr int looks_without_sleep = 500;
  constexpr std::chrono::microseconds sleep{50};
  for (int look = 0, done = 0;; ++look) {
    check(MPI_Testall(int(requests.size()), requests.data(), &done, MPI_STATUSES_IGNORE), partner);
    if (done) return;
    if (look < looks_without_sleep)
      sched_yield();
    else
      std::this_thread::sleep_for(sleep);
  }
}

void exchange(std::size_t partner, std::span<const std::byte> out, std::span<std::byte> in) {
  constexpr int tag = 0;
  std::vector<MPI_Request> requests;
  in_pieces(in.size(), [&](std::size_t first, int bytes) {
    check(MPI_Irecv(in.data() + first, bytes, MPI_BYTE, int(partner), tag, MPI_COMM_WORLD,
                    &requests.emplace_back()),
          partner);
  });
  in_pieces(out.size(), [&](std::size_t first, int bytes) {
    check(MPI_Isend(out.data() + first, bytes, MPI_BYTE, int(partner), tag, MPI_COMM_WORLD,
                    &requests.emplace_back()),
          partner);
  });
  wait(requests, partner);
}

std::string library() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(text, &length);
  const std::string all(text, std::size_t(length));
  return all.substr(0, all.find_first_of(",\n"));
}

Ranks join() {
  int provided = 0, rank = 0, count = 1;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &count);
  return {std::size_t(rank), std::size_t(count), exchange};
}

constexpr MpiModule module_table{library, join, [] { MPI_Finalize(); },
                                 [](int code) { MPI_Abort(MPI_COMM_WORLD, code); }};

}  // namespace

extern "C" const MpiModule* diffusion_mpi_module() { return &module_table; }

}  // namespace diffusion
