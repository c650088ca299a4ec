// The engine's arrays: dense, channel-last, in buffers that are reused.
#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "lib/kernels/bfloat16.hpp"

namespace diffusion::nn {

enum class DType : std::uint8_t { float32, bfloat16 };

/// "float32" or "bf16", as precisions are named; nothing if `name` is neither.
constexpr std::optional<DType> parse_dtype(std::string_view name) {
  if (name == "float32") return DType::float32;
  if (name == "bf16") return DType::bfloat16;
  return std::nullopt;
}

constexpr std::size_t bytes_per_element(DType type) { return type == DType::float32 ? 4 : 2; }

template <class T>
constexpr DType dtype_of = DType::float32;
template <>
inline constexpr DType dtype_of<BFloat16> = DType::bfloat16;

/// Calls function(T{}) with the type of elements that `type` names.
template <class Function>
decltype(auto) with_type(DType type, Function&& function) {
  if (type == DType::bfloat16) return function(BFloat16{});
  return function(0.0f);
}

/// Every array in the engine is N x H x W x C; a vector per image (a time
/// embedding) is N x 1 x 1 x C.
struct Dims {
  std::int64_t n = 0, h = 1, w = 1, c = 1;

  std::size_t count() const { return std::size_t(n * h * w * c); }
  std::int64_t pixels() const { return n * h * w; }
  bool operator==(const Dims&) const = default;
};

/// A handle to a buffer of the pool: copies share it, and the last one gives it
/// back. Contents are uninitialised until written. 64-byte aligned.
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Dims dims, DType type = DType::float32);

  const Dims& dims() const { return dims_; }
  DType dtype() const { return type_; }
  std::size_t count() const { return dims_.count(); }
  bool empty() const { return buffer_ == nullptr; }
  /// Whether another handle has the buffer: if not, what is written over it is missed
  /// by nobody.
  bool shared() const { return buffer_.use_count() > 1; }

  void* data() const { return buffer_.get(); }
  /// The elements, whose type must be T.
  template <class T>
  T* as() const {
    assert(type_ == dtype_of<T>);
    return static_cast<T*>(buffer_.get());
  }
  /// The elements of a float32 tensor.
  std::span<float> floats() const;

 private:
  Dims dims_;
  DType type_ = DType::float32;
  std::shared_ptr<void> buffer_;
};

/// What the pool has asked of the system since the program began. A loop in its
/// steady state leaves `requests` unchanged.
struct PoolUse {
  std::size_t requests = 0, bytes = 0;
};
PoolUse pool_use();

}  // namespace diffusion::nn
