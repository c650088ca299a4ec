#include "lib/tensor/formats/npy_reader.hpp"

#include <algorithm>
#include <cstring>

namespace diffusion {
namespace {

constexpr std::size_t longest_header = 1 << 20;  // NumPy's have some hundred bytes

std::string front_of(const RandomAccessFile& file) {
  std::string front(std::min<std::uint64_t>(file.size(), longest_header), '\0');
  file.read(0, front.data(), front.size());
  return front;
}

}  // namespace

NpyReader::NpyReader(NpyArray array)
    : type_(array.type), shape_(std::move(array.shape)), data_(std::move(array.bytes)) {}

NpyReader::NpyReader(const std::string& path) {
  RandomAccessFile file(path);
  NpyHeader header = read_npy_header(front_of(file), file.size(), file.name());
  type_ = header.type;
  if (header.fortran || header.bytes + header.data_bytes < file.size()) {
    std::string bytes(file.size(), '\0');
    file.read(0, bytes.data(), bytes.size());
    NpyArray array = npy_from_bytes(std::move(bytes), file.name());
    shape_ = std::move(array.shape);
    data_ = std::move(array.bytes);
  } else {
    shape_ = std::move(header.shape);
    data_ = Stored{std::move(file), header.bytes, header.swapped};
  }
}

void NpyReader::read(std::size_t first, std::size_t count, char* out) const {
  const std::size_t each = bytes_per_element(type_);
  if (const auto* bytes = std::get_if<std::string>(&data_)) {
    if (count > 0) std::memcpy(out, bytes->data() + first * each, count * each);
    return;
  }
  const Stored& stored = std::get<Stored>(data_);
  stored.file.read(stored.offset + first * each, out, count * each);
  if (stored.swapped) swap_bytes(out, count * each, each);
}

}  // namespace diffusion
