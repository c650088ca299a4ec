// Parallel work by a pool of threads that sleep while there is none. OpenMP is left to oneDNN
// and OpenBLAS; its number of threads is that of both.
#pragma once
#include <cstddef>
#include <functional>

#include "lib/base/processors.hpp"

namespace diffusion {

/// Threads that parallel work may use; 1 in a part of such work.
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

/// Calls body(i) for i in [0, count), each index once, in any order, on all threads. Indices
/// are handed out one by one, so that uneven work balances, and only threads that took one are
/// waited for: one that a busy machine holds up has no part in it. What body starts has one
/// thread, but for a single index, where it has all. The first exception is thrown on again
/// once all threads have stopped.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body);

/// Splits [0, count) into at most one contiguous range per thread, at least `grain` long:
/// body(begin, end). For loops over memory. Where a range begins depends on the number of
/// threads, so nothing may be summed across indices in it.
void parallel_ranges(std::size_t count, std::size_t grain,
                     const std::function<void(std::size_t, std::size_t)>& body);

}  // namespace diffusion
