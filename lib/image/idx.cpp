#include "lib/image/idx.hpp"

#include <algorithm>
#include <bit>
#include <filesystem>
#include <optional>

#include "lib/base/deflate.hpp"
#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/tensor/extent.hpp"

namespace diffusion {
namespace {

constexpr std::size_t most_axes = 255, longest_header = 4 + 4 * most_axes;

std::optional<NpyType> type_of(char code) {
  switch (code) {
    case 0x08:
      return NpyType::uint8;
    case 0x09:
      return NpyType::int8;
    case 0x0B:
      return NpyType::int16;
    case 0x0C:
      return NpyType::int32;
    case 0x0D:
      return NpyType::float32;
    case 0x0E:
      return NpyType::float64;
  }
  return std::nullopt;
}

struct Header {
  NpyType type;
  std::vector<std::size_t> shape;
  std::size_t bytes, data_bytes;
};

Header read_header(std::string_view bytes, const std::string& culprit) {
  if (const FileKind kind = file_kind(bytes); kind != FileKind::idx) {
    refuse_known_kind(kind, culprit, "an IDX file");
    throw Error(culprit + ": not an IDX file (it does not begin as one)");
  }
  Header header{*type_of(bytes[2]), {}, 4 + 4 * std::size_t(std::uint8_t(bytes[3])), 0};
  if (bytes.size() < header.bytes) throw Error(culprit + ": truncated within the IDX header");
  for (std::size_t at = 4; at < header.bytes; at += 4) {
    std::size_t extent = 0;
    for (std::size_t i = 0; i < 4; ++i) extent = extent << 8 | std::uint8_t(bytes[at + i]);
    header.shape.push_back(extent);
  }
  const auto claimed = bytes_of_shape(header.shape, bytes_per_element(header.type));
  if (!claimed) throw Error(culprit + ": the IDX header claims more than any memory holds");
  header.data_bytes = *claimed;
  return header;
}

void check_size(const Header& header, std::uint64_t follow, const std::string& culprit) {
  if (follow != header.data_bytes)
    throw Error(culprit + ": the IDX header claims " +
                describe(Shape(header.shape.begin(), header.shape.end())) + " " +
                name_of(header.type) + " (" + std::to_string(header.data_bytes) + " bytes), but " +
                std::to_string(follow) + " bytes follow");
}

}  // namespace

NpyArray idx_from_bytes(std::string bytes, const std::string& culprit) {
  const bool packed = file_kind(bytes) == FileKind::gzip;
  const Header header =
      read_header(packed ? gunzip_front(bytes, longest_header, culprit) : bytes, culprit);
  if (packed) bytes = gunzip(bytes, header.bytes + header.data_bytes, culprit);
  check_size(header, bytes.size() - header.bytes, culprit);
  bytes.erase(0, header.bytes);
  const std::size_t each = bytes_per_element(header.type);
  if (each > 1 && std::endian::native == std::endian::little)
    for (std::size_t i = 0; i < bytes.size(); i += each)
      std::reverse(bytes.data() + i, bytes.data() + i + each);
  return {header.type, header.shape, std::move(bytes)};
}

NpyReader read_idx(const std::string& path) {
  RandomAccessFile file(path);
  std::string front(std::min<std::uint64_t>(file.size(), longest_header), '\0');
  file.read(0, front.data(), front.size());
  Header header = read_header(front, path);
  check_size(header, file.size() - header.bytes, path);
  constexpr bool little = std::endian::native == std::endian::little;
  return {header.type, std::move(header.shape), {std::move(file), header.bytes, little}};
}

std::string idx_labels_beside(const std::string& path) {
  namespace fs = std::filesystem;
  std::string name = fs::path(path).filename().string();
  const std::string images = "-images-idx3-ubyte", labels = "-labels-idx1-ubyte";
  const auto at = name.rfind(images);
  if (at == name.npos) return "";
  name.resize(at);
  for (const char* ending : {"", ".gz"}) {
    const fs::path beside = fs::path(path).parent_path() / (name + labels + ending);
    if (std::error_code none; fs::exists(beside, none)) return beside.string();
  }
  return "";
}

}  // namespace diffusion
