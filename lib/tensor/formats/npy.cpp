#include "lib/tensor/formats/npy.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "lib/base/error.hpp"
#include "lib/tensor/formats/npy_header.hpp"
#include "lib/tensor/half.hpp"

namespace diffusion {
namespace {

/// First axis fastest to last axis fastest.
std::string to_c_order(const std::string& bytes, const std::vector<std::size_t>& shape,
                       std::size_t each) {
  std::string out(bytes.size(), '\0');
  std::vector<std::size_t> stride(shape.size()), index(shape.size(), 0);
  std::size_t at = each;
  for (std::size_t axis = 0; axis < shape.size(); at *= shape[axis++]) stride[axis] = at;
  std::size_t from = 0;
  for (std::size_t to = 0; to < out.size(); to += each) {
    std::memcpy(out.data() + to, bytes.data() + from, each);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      from += stride[axis];
      if (++index[axis] < shape[axis]) break;
      from -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

NpyArray finish(const NpyHeader& header, std::string data) {
  const std::size_t each = bytes_per_element(header.type);
  if (header.swapped) swap_bytes(data.data(), data.size(), each);
  if (header.fortran && header.shape.size() > 1) data = to_c_order(data, header.shape, each);
  return {header.type, header.shape, std::move(data)};
}

template <class From, class To>
void cast(const char* from, std::size_t count, To* out) {
  for (std::size_t i = 0; i < count; ++i) {
    From value;
    std::memcpy(&value, from + i * sizeof value, sizeof value);
    out[i] = To(value);
  }
}

template <class To>
void cast_half(const char* from, std::size_t count, To* out) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t value;
    std::memcpy(&value, from + i * sizeof value, sizeof value);
    out[i] = To(from_float16(value));
  }
}

template <class To>
void cast_from(NpyType type, const char* from, std::size_t count, To* out) {
  switch (type) {
    case NpyType::boolean:
    case NpyType::uint8:
      return cast<std::uint8_t>(from, count, out);
    case NpyType::int8:
      return cast<std::int8_t>(from, count, out);
    case NpyType::uint16:
      return cast<std::uint16_t>(from, count, out);
    case NpyType::int16:
      return cast<std::int16_t>(from, count, out);
    case NpyType::uint32:
      return cast<std::uint32_t>(from, count, out);
    case NpyType::int32:
      return cast<std::int32_t>(from, count, out);
    case NpyType::uint64:
      return cast<std::uint64_t>(from, count, out);
    case NpyType::int64:
      return cast<std::int64_t>(from, count, out);
    case NpyType::float16:
      return cast_half(from, count, out);
    case NpyType::float32:
      return cast<float>(from, count, out);
    case NpyType::float64:
      return cast<double>(from, count, out);
  }
}

template <class Dense>
Dense dense(const NpyArray& array) {
  Dense out(typename Dense::shape_type(array.shape.begin(), array.shape.end()));
  convert(array, 0, array.count(), out.data());
  return out;
}

template <class Dense>
std::string bytes_of(NpyType type, const Dense& array) {
  const auto data = reinterpret_cast<const char*>(array.data());
  return npy_bytes(type, {array.shape().begin(), array.shape().end()},
                   {data, array.size() * sizeof(typename Dense::value_type)});
}

}  // namespace

std::size_t NpyArray::count() const { return bytes.size() / bytes_per_element(type); }
Tensor NpyArray::to_tensor() const { return dense<Tensor>(*this); }
Array NpyArray::to_array() const { return dense<Array>(*this); }

void convert(NpyType type, const char* from, std::size_t count, float* out) {
  cast_from(type, from, count, out);
}
void convert(NpyType type, const char* from, std::size_t count, double* out) {
  cast_from(type, from, count, out);
}

NpyArray npy_from_bytes(std::string bytes, const std::string& culprit) {
  const NpyHeader header = read_npy_header(bytes, bytes.size(), culprit);
  bytes.erase(0, header.bytes);
  if (bytes.size() > header.data_bytes)
    throw Error(culprit + ": " + std::to_string(bytes.size() - header.data_bytes) +
                " bytes follow the array; a file holds one array");
  return finish(header, std::move(bytes));
}

NpyArray read_npy(const std::string& path) {
  return npy_from_bytes(read_binary(path), path == "-" ? "standard input" : path);
}

std::string npy_bytes(NpyType type, const std::vector<std::size_t>& shape, std::string_view data) {
  return npy_header(type, shape).append(data);
}
std::string npy_bytes(const Tensor& tensor) { return bytes_of(NpyType::float32, tensor); }
std::string npy_bytes(const Array& array) { return bytes_of(NpyType::float64, array); }

void write_npy(const std::string& path, const Tensor& tensor) {
  write_file(path, npy_bytes(tensor));
}
void write_npy(const std::string& path, const Array& array) { write_file(path, npy_bytes(array)); }

NpyWriter::NpyWriter(const std::string& path, NpyType type, const std::vector<std::size_t>& shape)
    : file_(path), expected_(bytes_per_element(type)) {
  for (const std::size_t extent : shape) expected_ *= extent;
  file_.write(npy_header(type, shape));
}

void NpyWriter::append(const void* data, std::size_t bytes) {
  file_.write(data, bytes);
  written_ += bytes;
}

void NpyWriter::commit() {
  assert(written_ == expected_);
  file_.commit();
}

}  // namespace diffusion
