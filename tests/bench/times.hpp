// Timing a call, for the benchmarks.
#pragma once
#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <vector>

/// Seconds of each repetition: by the clock, and of all threads' processors.
struct Times {
  std::vector<double> wall, processor;
};

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

inline void time_call(const std::function<void()>& call, Times& times) {
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t used = std::clock();
  call();
  times.processor.push_back(double(std::clock() - used) / CLOCKS_PER_SEC);
  times.wall.push_back(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}
