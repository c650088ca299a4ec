#include "lib/base/parallel.hpp"

#include <omp.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

namespace diffusion {
namespace {

/// Starts a thread that lasts as long as the program. Signals are for others.
void start_thread(const std::function<void()>& body) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread(body).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

/// Indices to work on, and those who do.
class Job {
 public:
  Job(std::size_t count, const std::function<void(std::size_t)>& body)
      : count_(count), body_(body) {}

  /// Works on indices until none is left.
  void work() {
    ++workers_;
    try {
      for (std::size_t i; (i = next_++) < count_;) body_(i);
    } catch (...) {
      next_ = count_;
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
    --workers_;
    workers_.notify_all();
  }

  /// Once the caller has found no index left, who is not at work yet will find none either.
  void finish() {
    for (int at_work; (at_work = workers_) > 0;) workers_.wait(at_work);
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  const std::size_t count_;
  const std::function<void(std::size_t)>& body_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<int> workers_ = 0;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

class Pool {
 public:
  /// The caller works too, as one of `team` threads.
  void run(std::size_t team, std::size_t count, const std::function<void(std::size_t)>& body) {
    const auto job = std::make_shared<Job>(count, body);
    offer(job, team - 1);
    {
      const OneThread alone;
      job->work();
    }
    withdraw(job);
    job->finish();
  }

 private:
  void offer(const std::shared_ptr<Job>& job, std::size_t helpers) {
    {
      const std::lock_guard lock(mutex_);
      for (; threads_ < helpers; ++threads_) start_thread([this] { help(); });
      offers_.insert(offers_.end(), helpers, job);
    }
    for (std::size_t i = 0; i < helpers; ++i) offered_.notify_one();
  }

  /// From threads that have not come to it yet.
  void withdraw(const std::shared_ptr<Job>& job) {
    const std::lock_guard lock(mutex_);
    std::erase(offers_, job);
  }

  [[noreturn]] void help() {
    omp_set_num_threads(1);
    for (;;) {
      std::unique_lock lock(mutex_);
      offered_.wait(lock, [&] { return !offers_.empty(); });
      const auto job = std::move(offers_.front());
      offers_.pop_front();
      lock.unlock();
      job->work();
    }
  }

  std::mutex mutex_;
  std::condition_variable offered_;
  std::deque<std::shared_ptr<Job>> offers_;
  std::size_t threads_ = 0;
};

/// Never destroyed: its threads sleep in it when the program ends.
Pool& pool() {
  static Pool& instance = *new Pool;
  return instance;
}

/// Threads of libgomp spin for milliseconds before they sleep, and keep a processor from
/// whoever they wait for. Where there are more of them than processors they hardly spin
/// (libgomp's manual, GOMP_SPINCOUNT): so some are made here that do nothing but sleep.
void make_waiting_short(int team) {
  if (team == 1) return;
  static const bool made = [&] {
    const int needed = omp_get_num_procs() - team + 1;
    if (needed < 1) return false;
    start_thread([needed] {
#pragma omp parallel num_threads(needed + 1)
      {}
      for (;;) pause();
    });
    return true;
  }();
  static_cast<void>(made);
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
  const std::size_t team = std::min(count, std::size_t(threads()));
  if (team > 1) return pool().run(team, count, body);
  for (std::size_t i = 0; i < count; ++i) body(i);
}

void parallel_ranges(std::size_t count, std::size_t grain,
                     const std::function<void(std::size_t, std::size_t)>& body) {
  if (count == 0) return;
  const std::size_t most = std::max<std::size_t>(1, count / std::max<std::size_t>(1, grain));
  const std::size_t ranges = std::min(most, std::size_t(threads()));
  if (ranges == 1) return body(0, count);
  parallel_for(ranges, [&](std::size_t i) { body(count * i / ranges, count * (i + 1) / ranges); });
}

}  // namespace diffusion
