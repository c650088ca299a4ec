// NumPy's array files: format versions 1, 2 and 3.
// The format: numpy.lib.format, "NPY format" in NumPy's reference.
#pragma once
#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/file.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

enum class NpyType {
  boolean,
  uint8,
  int8,
  uint16,
  int16,
  uint32,
  int32,
  uint64,
  int64,
  float16,
  float32,
  float64
};

/// "uint8", "float32", ...: NumPy's names.
std::string name_of(NpyType type);
std::size_t bytes_per_element(NpyType type);
bool is_floating(NpyType type);

/// An array as the file holds it, in C order and native byte order.
struct NpyArray {
  NpyType type;
  std::vector<std::size_t> shape;
  std::string bytes;

  std::size_t count() const;
  Tensor to_tensor() const;  // values as they are, converted to float32
  Array to_array() const;    // ... to float64
};

/// Converts `count` elements at `from`, values as they are.
void convert(NpyType type, const char* from, std::size_t count, float* out);
void convert(NpyType type, const char* from, std::size_t count, double* out);

/// Converts `count` elements starting at element `first`.
template <class Value>
void convert(const NpyArray& array, std::size_t first, std::size_t count, Value* out) {
  assert(first + count <= array.count());
  convert(array.type, array.bytes.data() + first * bytes_per_element(array.type), count, out);
}

/// Whether `bytes` begin as a .npy file does.
bool is_npy(std::string_view bytes);

/// The one array of a whole file, whose memory it takes over. Any byte order, C or Fortran
/// order; object arrays and claims larger than the data are refused. `culprit` opens the
/// message of Error.
NpyArray npy_from_bytes(std::string bytes, const std::string& culprit);
NpyArray read_npy(const std::string& path);  // "-": standard input

std::string npy_header(NpyType type, const std::vector<std::size_t>& shape);
void write_npy(const std::string& path, const Tensor& tensor);  // float32
void write_npy(const std::string& path, const Array& array);    // float64
std::string npy_bytes(const Tensor& tensor);
std::string npy_bytes(const Array& array);
std::string npy_bytes(NpyType type, const std::vector<std::size_t>& shape, std::string_view data);

/// One array written piece by piece, of a shape known beforehand. "-" is
/// standard output.
class NpyWriter {
 public:
  NpyWriter(const std::string& path, NpyType type, const std::vector<std::size_t>& shape);
  void append(const void* data, std::size_t bytes);
  void commit();  // the bytes must add up to the shape

 private:
  AtomicFile file_;
  std::size_t expected_, written_ = 0;
};

}  // namespace diffusion
