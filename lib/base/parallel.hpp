// One thread pool for everything: OpenMP's, which oneDNN and OpenBLAS use too.
#pragma once
#include <cstddef>
#include <functional>

#include "lib/base/processors.hpp"

namespace diffusion {

/// Threads that parallel work may use.
int threads();
/// 0 means as many as this process may really use, see thread_choice.
void set_threads(int count);
/// What set_threads(asked) sets and why: choose_threads for this process and its environment.
ThreadChoice thread_choice(int asked);

/// While it lives, what the thread that made it starts has one thread.
class OneThread {
 public:
  OneThread() : before_(threads()) { set_threads(1); }
  ~OneThread() { set_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

/// Calls body(i) for i in [0, count), each index once, in any order, on all
/// threads; indices are handed out one by one, so that uneven work balances.
/// The first exception is thrown on again once all threads have stopped.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body);

/// The same, each call on one thread alone: what body starts has one thread too, so that its
/// bits do not depend on their number and no thread waits for another inside it.
void parallel_for_alone(std::size_t count, const std::function<void(std::size_t)>& body);

/// Splits [0, count) into one contiguous range per thread, at least `grain` long:
/// body(begin, end). For loops over memory. Where a range begins depends on the
/// number of threads, so nothing may be summed across indices in it.
void parallel_ranges(std::size_t count, std::size_t grain,
                     const std::function<void(std::size_t, std::size_t)>& body);

}  // namespace diffusion
