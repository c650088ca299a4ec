#include "lib/base/parallel.hpp"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>

namespace diffusion {
namespace {

/// Runs body on `team` threads and throws on the first exception any of them met.
void on_team(int team, const std::function<void(int thread)>& body) {
  if (team <= 1) return body(0);
  std::exception_ptr failure;
#pragma omp parallel num_threads(team)
  {
    try {
      body(omp_get_thread_num());
    } catch (...) {
#pragma omp critical(diffusion_parallel_failure)
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

int team_for(std::size_t pieces) {
  if (omp_in_parallel()) return 1;
  return int(std::min<std::size_t>(pieces, std::size_t(threads())));
}

}  // namespace

int threads() { return omp_get_max_threads(); }

void set_threads(int count) { omp_set_num_threads(count > 0 ? count : omp_get_num_procs()); }

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::atomic<std::size_t> next = 0;
  on_team(team_for(count), [&](int) {
    try {
      for (std::size_t i; (i = next++) < count;) body(i);
    } catch (...) {
      next = count;
      throw;
    }
  });
}

void parallel_ranges(std::size_t count, std::size_t grain,
                     const std::function<void(std::size_t, std::size_t)>& body) {
  if (count == 0) return;
  const int team = team_for(std::max<std::size_t>(1, count / std::max<std::size_t>(1, grain)));
  on_team(team, [&](int thread) {
    body(count * std::size_t(thread) / std::size_t(team),
         count * std::size_t(thread + 1) / std::size_t(team));
  });
}

}  // namespace diffusion
