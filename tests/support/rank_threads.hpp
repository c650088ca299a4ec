// Ranks as threads of one process.
#pragma once
#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "lib/base/ranks.hpp"

namespace diffusion::test {

/// What one rank sent to another, and that one has not taken yet.
class Post {
 public:
  using Message = std::vector<std::byte>;

  void send(std::size_t from, std::size_t to, std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    messages_[{from, to}].emplace_back(bytes.begin(), bytes.end());
    come_.notify_all();
  }
  Message take(std::size_t from, std::size_t to) {
    std::unique_lock lock(mutex_);
    auto& queue = messages_[{from, to}];
    come_.wait(lock, [&] { return !queue.empty(); });
    Message message = std::move(queue.front());
    queue.pop_front();
    return message;
  }

 private:
  std::mutex mutex_;
  std::condition_variable come_;
  std::map<std::pair<std::size_t, std::size_t>, std::deque<Message>> messages_;
};

/// Calls body on `count` threads, each a rank. False where a message had another size than its
/// reader asked for. `body` may not throw.
inline bool run_ranks(std::size_t count, const std::function<void(const Ranks&)>& body) {
  Post post;
  std::vector<char> fitting(count, true);
  std::vector<std::thread> threads;
  for (std::size_t rank = 0; rank < count; ++rank)
    threads.emplace_back([&, rank] {
      body(
          {rank, count,
           [&, rank](std::size_t partner, std::span<const std::byte> out, std::span<std::byte> in) {
             if (!out.empty()) post.send(rank, partner, out);
             if (in.empty()) return;
             const Post::Message message = post.take(partner, rank);
             if (message.size() == in.size())
               std::ranges::copy(message, in.begin());
             else
               fitting[rank] = false;
           }});
    });
  for (std::thread& thread : threads) thread.join();
  return std::ranges::find(fitting, char(false)) == fitting.end();
}

}  // namespace diffusion::test
