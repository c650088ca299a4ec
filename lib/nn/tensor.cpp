#include "lib/nn/tensor.hpp"

#include <bit>
#include <cassert>
#include <map>
#include <mutex>
#include <new>
#include <vector>

namespace diffusion::nn {
namespace {

constexpr std::align_val_t alignment{64};

/// Free buffers by size. Buffers never go back to the system: a training step
/// asks for the same sizes as the step before.
class Pool {
 public:
  void* take(std::size_t bytes) {
    const std::size_t size = rounded(bytes);
    const std::lock_guard lock(mutex_);
    auto& free = free_[size];
    if (free.empty()) {
      use_.requests += 1;
      use_.bytes += size;
      free.reserve(++owned_[size]);  // so that give() need not allocate
      return ::operator new(size, alignment);
    }
    void* const buffer = free.back();
    free.pop_back();
    return buffer;
  }

  void give(void* buffer, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    free_[rounded(bytes)].push_back(buffer);
  }

  PoolUse use() {
    const std::lock_guard lock(mutex_);
    return use_;
  }

 private:
  /// Four sizes to a doubling, so that nearly equal shapes share buffers and at
  /// most a quarter is wasted.
  static std::size_t rounded(std::size_t bytes) {
    if (bytes <= 256) return (bytes + 63) / 64 * 64;
    const std::size_t step = std::size_t{1} << (std::bit_width(bytes - 1) - 3);
    return (bytes + step - 1) / step * step;
  }

  std::mutex mutex_;
  std::map<std::size_t, std::vector<void*>> free_;
  std::map<std::size_t, std::size_t> owned_;
  PoolUse use_;
};

/// Never destroyed: tensors of static duration may outlive main().
Pool& pool() {
  static Pool& instance = *new Pool;
  return instance;
}

/// For the handles' control blocks.
template <class T>
struct PoolAllocator {
  using value_type = T;
  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(pool().take(n * sizeof(T))); }
  void deallocate(T* p, std::size_t n) { pool().give(p, n * sizeof(T)); }
  bool operator==(const PoolAllocator&) const { return true; }
};

}  // namespace

Tensor::Tensor(Dims dims, DType type) : dims_(dims), type_(type) {
  const std::size_t bytes = std::max<std::size_t>(1, dims.count() * bytes_per_element(type));
  buffer_ = std::shared_ptr<void>(
      pool().take(bytes), [bytes](void* p) { pool().give(p, bytes); }, PoolAllocator<char>{});
}

std::span<float> Tensor::floats() const {
  assert(type_ == DType::float32);
  return {static_cast<float*>(buffer_.get()), count()};
}

PoolUse pool_use() { return pool().use(); }

}  // namespace diffusion::nn
