// Features of sets larger than memory: rows in a memory-mapped temporary file.
#pragma once
#include <cstdint>
#include <functional>

#include "lib/base/process.hpp"
#include "lib/tensor/rows.hpp"

namespace diffusion {

/// Takes rows as they come, then shows them all. The file has no name and goes with its
/// owner. Members that fail throw Error.
class RowStore {
 public:
  RowStore() = default;
  ~RowStore();
  RowStore(const RowStore&) = delete;
  RowStore& operator=(const RowStore&) = delete;

  void append(const Tensor& rows);  // n x d, the same d each time
  /// All rows. Nothing may be appended after.
  RowsView view();
  std::uint64_t bytes() const { return std::uint64_t(count_) * dims_ * sizeof(float); }

 private:
  Descriptor file_;
  void* mapped_ = nullptr;
  std::size_t count_ = 0, dims_ = 0;
};

/// Calls body(rows) for consecutive portions of `rows` and lets the system forget each
/// after: memory for one portion, however many there are.
void sweep(const RowsView& rows, const std::function<void(const RowsView& portion)>& body);

}  // namespace diffusion
