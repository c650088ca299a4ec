#include "lib/base/parallel.hpp"

#include <omp.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <thread>

namespace diffusion {
namespace {

/// Runs body on `most` threads and throws on the first exception any of them met. The team
/// is smaller where OpenMP has no more threads to give (OMP_THREAD_LIMIT, OMP_DYNAMIC).
void on_team(int most, const std::function<void(int thread, int team)>& body) {
  if (most <= 1) return body(0, 1);
  std::exception_ptr failure;
#pragma omp parallel num_threads(most)
  {
    try {
      body(omp_get_thread_num(), omp_get_num_threads());
    } catch (...) {
#pragma omp critical(diffusion_parallel_failure)
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

/// Threads of libgomp spin for milliseconds before they sleep, and keep a processor from
/// whoever they wait for. Where there are more of them than processors they hardly spin
/// (libgomp's manual, GOMP_SPINCOUNT): so some are made here that do nothing but sleep.
void make_waiting_short(int team) {
  const int needed = omp_get_num_procs() - team + 1;
  if (team == 1 || needed < 1) return;
  static const bool made = [&] {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for others
    std::thread([needed] {
#pragma omp parallel num_threads(needed + 1)
      {}
      for (;;) pause();
    }).detach();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return true;
  }();
  static_cast<void>(made);
}

int team_for(std::size_t pieces) {
  if (omp_in_parallel()) return 1;
  return int(std::min<std::size_t>(pieces, std::size_t(threads())));
}

}  // namespace

int threads() { return omp_get_max_threads(); }

ThreadChoice thread_choice(int asked) {
  // OpenMP's count is that of the affinity mask at the start: binding threads narrows the mask.
  const Processors processors{.machine = int(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN))),
                              .allowed = omp_get_num_procs(),
                              .quota = cpu_quota()};
  const ThreadChoice choice = choose_threads(asked, std::getenv("OMP_NUM_THREADS"), processors);
  if (const int most = omp_get_thread_limit(); most < choice.count)
    return {most, "OMP_THREAD_LIMIT"};
  return choice;
}

void set_threads(int count) {
  // Never fewer than are asked for: oneDNN's barriers wait for all of them for ever.
  omp_set_dynamic(0);
  const int team = count > 0 ? std::min(count, omp_get_thread_limit()) : thread_choice(0).count;
  omp_set_num_threads(team);
  make_waiting_short(team);
}

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::atomic<std::size_t> next = 0;
  on_team(team_for(count), [&](int, int) {
    try {
      for (std::size_t i; (i = next++) < count;) body(i);
    } catch (...) {
      next = count;
      throw;
    }
  });
}

void parallel_for_alone(std::size_t count, const std::function<void(std::size_t)>& body) {
  parallel_for(count, [&](std::size_t i) {
    const OneThread alone;
    body(i);
  });
}

void parallel_ranges(std::size_t count, std::size_t grain,
                     const std::function<void(std::size_t, std::size_t)>& body) {
  if (count == 0) return;
  const int most = team_for(std::max<std::size_t>(1, count / std::max<std::size_t>(1, grain)));
  on_team(most, [&](int thread, int team) {
    body(count * std::size_t(thread) / std::size_t(team),
         count * std::size_t(thread + 1) / std::size_t(team));
  });
}

}  // namespace diffusion
