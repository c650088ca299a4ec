// Parallel work: each index once, whatever the threads, and errors that reach the caller.
#include "lib/base/parallel.hpp"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

/// So many threads while it lives.
class Threads {
 public:
  explicit Threads(int count) : before_(threads()) { set_threads(count); }
  ~Threads() { set_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

/// Several threads are here at once, or one has waited too long for another.
class Meeting {
 public:
  explicit Meeting(int expected) : expected_(expected) {}
  bool attend() {
    ++present_;
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (present_ < expected_)
      if (std::chrono::steady_clock::now() > patience) return false;
    return true;
  }

 private:
  const int expected_;
  std::atomic<int> present_ = 0;
};

}  // namespace

TEST_CASE("every index is worked on once, on any number of threads", "[parallel]") {
  const Threads team(GENERATE(1, 2, 3, 8));
  for (const std::size_t count : {0, 1, 2, 7, 1000}) {
    std::vector<std::atomic<int>> seen(count);
    parallel_for(count, [&](std::size_t i) { ++seen[i]; });
    for (const auto& times : seen) CHECK(times == 1);
  }
}

TEST_CASE("ranges cover all, touch, and are not shorter than the grain", "[parallel]") {
  const Threads team(GENERATE(1, 2, 3, 8));
  for (const std::size_t count : {1, 7, 64, 1000})
    for (const std::size_t grain : {0, 1, 10, 5000}) {
      CAPTURE(threads(), count, grain);
      std::mutex mutex;
      std::set<std::pair<std::size_t, std::size_t>> ranges;
      parallel_ranges(count, grain, [&](std::size_t begin, std::size_t end) {
        const std::lock_guard lock(mutex);
        ranges.emplace(begin, end);
      });
      CHECK(ranges.size() <= std::size_t(threads()));
      std::size_t at = 0;
      for (const auto& [begin, end] : ranges) {
        CHECK(begin == at);
        CHECK(end - begin >= std::min(grain, count));
        at = end;
      }
      CHECK(at == count);
    }
  parallel_ranges(0, 1, [](std::size_t, std::size_t) { FAIL("there is nothing to do"); });
}

TEST_CASE("threads really work beside each other", "[parallel]") {
  const Threads team(3);
  Meeting meeting(threads());  // fewer where OMP_THREAD_LIMIT says so
  std::atomic<int> met = 0;
  parallel_for(std::size_t(threads()), [&](std::size_t) { met += meeting.attend(); });
  CHECK(met == threads());
}

TEST_CASE("what a worker throws reaches the caller as it was thrown", "[parallel]") {
  const Threads team(GENERATE(1, 4));
  CHECK_THROWS_WITH(parallel_for(100,
                                 [](std::size_t i) {
                                   if (i == 37) throw Error("number 37");
                                 }),
                    "number 37");
  CHECK_THROWS_AS(parallel_for(100, [](std::size_t) { throw std::out_of_range("all"); }),
                  std::out_of_range);
  CHECK_THROWS_WITH(parallel_ranges(100, 1,
                                    [](std::size_t, std::size_t end) {
                                      if (end == 100) throw Error("the last range");
                                    }),
                    "the last range");
}

TEST_CASE("after an error the other threads begin nothing more", "[parallel]") {
  const Threads team(2);
  std::atomic<std::size_t> begun = 0;
  CHECK_THROWS_AS(parallel_for(4000,
                               [&](std::size_t i) {
                                 if (i == 0) throw Error("at once");
                                 ++begun;
                                 std::this_thread::sleep_for(std::chrono::milliseconds(1));
                               }),
                  Error);
  CHECK(begun < 2000);
  std::atomic<std::size_t> again = 0;
  parallel_for(100, [&](std::size_t) { ++again; });
  CHECK(again == 100);  // the team is sound
}

TEST_CASE("parallel work within parallel work stays on its thread", "[parallel]") {
  const Threads team(2);
  std::atomic<int> inner = 0, elsewhere = 0;
  parallel_for(8, [&](std::size_t) {
    const auto here = std::this_thread::get_id();
    parallel_for(8, [&](std::size_t) {
      ++inner;
      elsewhere += std::this_thread::get_id() != here;
    });
    parallel_ranges(8, 1, [&](std::size_t begin, std::size_t end) {
      inner += int(end - begin);
      elsewhere += std::this_thread::get_id() != here;
    });
  });
  CHECK(inner == 8 * 16);
  CHECK(elsewhere == 0);
  CHECK_THROWS_WITH(
      parallel_for(4,
                   [](std::size_t) { parallel_for(4, [](std::size_t) { throw Error("deep"); }); }),
      "deep");
}

TEST_CASE("one thread is one thread as long as it is asked for", "[parallel]") {
  const Threads team(3);
  const int before = threads();
  {
    const OneThread alone;
    CHECK(threads() == 1);
    const auto here = std::this_thread::get_id();
    parallel_for(8, [&](std::size_t) {
      if (std::this_thread::get_id() != here) FAIL("another thread");
    });
  }
  CHECK(threads() == before);
}

TEST_CASE("no threads asked for means as many as the process may use", "[parallel]") {
  const Threads team(3);
  set_threads(0);
  CHECK(threads() == thread_choice(0).count);
  CHECK(thread_choice(5).count == std::min(5, omp_get_thread_limit()));
}

TEST_CASE("what parallel work starts has one thread", "[parallel]") {
  const Threads team(3);
  std::atomic<int> most = 0;
  for (const std::size_t count : {2, 20})
    parallel_for(count, [&](std::size_t) { most = std::max(most.load(), threads()); });
  CHECK(most == 1);
  CHECK(threads() == std::min(3, omp_get_thread_limit()));
}

TEST_CASE("only who took a part is waited for", "[parallel]") {
  const Threads team(2);
  std::promise<void> release;
  std::thread other([held = release.get_future().share()] {
    const Threads own(2);
    // All helpers of the pool are held up here.
    parallel_for(2, [&](std::size_t) { held.wait(); });
  });
  std::atomic<int> done = 0;
  for (int round = 0; round < 100; ++round) parallel_for(50, [&](std::size_t) { ++done; });
  CHECK(done == 5000);
  release.set_value();
  other.join();
}
