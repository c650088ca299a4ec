#include "lib/tensor/formats/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/json.hpp"
#include "lib/tensor/half.hpp"

namespace diffusion {
namespace {

static_assert(std::endian::native == std::endian::little, "data is used as it lies in the file");

constexpr std::uint64_t longest_header = 100'000'000;  // the reference library's limit
constexpr std::string_view metadata_key = "__metadata__";

struct TypeInfo {
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<TypeInfo, 15> types = {{{"BOOL", 1},
                                             {"U8", 1},
                                             {"I8", 1},
                                             {"F8_E5M2", 1},
                                             {"F8_E4M3", 1},
                                             {"I16", 2},
                                             {"U16", 2},
                                             {"F16", 2},
                                             {"BF16", 2},
                                             {"I32", 4},
                                             {"U32", 4},
                                             {"F32", 4},
                                             {"F64", 8},
                                             {"I64", 8},
                                             {"U64", 8}}};

/// What a header is read with: whose it is, for messages, and where data lies.
struct Layout {
  const std::string& culprit;
  std::uint64_t data_begin, data_bytes;

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(culprit + ": not a sound safetensors file: " + why);
  }
};

Json read_header(const RandomAccessFile& file, std::uint64_t& data_begin) {
  const auto refuse = [&](const std::string& why) {
    throw Error(file.name() + ": not a safetensors file: " + why);
  };
  if (const FileKind kind = kind_of_file(file); kind != FileKind::safetensors)
    refuse_known_kind(kind, file.name(), "a safetensors file");
  std::uint64_t length = 0;
  if (file.size() < sizeof length)
    refuse("it has " + std::to_string(file.size()) + " bytes, too few for the header's length");
  file.read(0, &length, sizeof length);
  if (length > longest_header)
    refuse("its header claims " + std::to_string(length) + " bytes, the limit is " +
           std::to_string(longest_header));
  if (length > file.size() - sizeof length)
    refuse("its header claims " + std::to_string(length) + " bytes, the file has " +
           std::to_string(file.size()));
  std::string text(length, '\0');
  file.read(sizeof length, text.data(), length);
  if (!text.starts_with('{')) refuse("its header does not begin with '{'");
  data_begin = sizeof length + length;
  Json header = parse_json(text, file.name() + ": header");
  assert(header.is_object());
  return header;
}

bool is_whole(const Json& json) { return json.is_number_unsigned(); }

SafetensorsType read_type(const Json& json, const std::string& what, const Layout& layout) {
  const auto found = std::ranges::find_if(
      types, [&](const TypeInfo& type) { return json.is_string() && json == type.name; });
  if (found == types.end()) layout.refuse(what + " has the unknown dtype " + json.dump());
  return SafetensorsType(found - types.begin());
}

/// Elements times bytes each, or nothing where that leaves 64 bits.
std::optional<std::uint64_t> bytes_of(const std::vector<std::size_t>& shape, std::uint64_t each) {
  std::uint64_t bytes = each;
  for (const std::size_t extent : shape)
    if (__builtin_mul_overflow(bytes, std::uint64_t(extent), &bytes)) return std::nullopt;
  return bytes;
}

SafetensorsEntry read_entry(const std::string& name, const Json& json, const Layout& layout) {
  const std::string what = "the array " + Json(name).dump();
  if (!json.is_object()) layout.refuse(what + " is not described by an object");
  for (const char* key : {"dtype", "shape", "data_offsets"})
    if (!json.contains(key)) layout.refuse(what + " has no " + key);
  SafetensorsEntry entry{name, read_type(json["dtype"], what, layout), {}};
  const Json &shape = json["shape"], &offsets = json["data_offsets"];
  if (!shape.is_array() || !std::ranges::all_of(shape, is_whole))
    layout.refuse(what + " has the shape " + shape.dump() + ", not an array of whole numbers");
  for (const Json& extent : shape) entry.shape.push_back(extent.get<std::size_t>());
  if (!offsets.is_array() || offsets.size() != 2 || !std::ranges::all_of(offsets, is_whole))
    layout.refuse(what + " has the data_offsets " + offsets.dump() + ", not two whole numbers");
  const auto begin = offsets[0].get<std::uint64_t>(), end = offsets[1].get<std::uint64_t>();
  if (begin > end || end > layout.data_bytes)
    layout.refuse(what + " lies at " + offsets.dump() + " in " + std::to_string(layout.data_bytes) +
                  " bytes of data");
  entry.offset = layout.data_begin + begin;
  entry.bytes = end - begin;
  const auto expected = bytes_of(entry.shape, bytes_per_element(entry.type));
  if (expected != entry.bytes)
    layout.refuse(what + " has " + std::to_string(entry.bytes) + " bytes, which is not " +
                  shape.dump() + " of " + std::string(name_of(entry.type)));
  return entry;
}

SafetensorsMetadata read_metadata(const Json& json, const Layout& layout) {
  SafetensorsMetadata metadata;
  if (!json.is_object()) layout.refuse("its __metadata__ is not an object");
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string())
      layout.refuse("__metadata__ has " + Json(key).dump() + ": " + value.dump() +
                    ", where only strings may stand");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

/// The reference's rule: no holes, no overlap, nothing left over at the end.
void check_contiguous(const std::vector<SafetensorsEntry>& entries, const Layout& layout) {
  std::uint64_t at = layout.data_begin;
  for (const SafetensorsEntry& entry : entries) {
    if (entry.offset != at)
      layout.refuse("the array " + Json(entry.name).dump() + " begins at byte " +
                    std::to_string(entry.offset - layout.data_begin) +
                    " of the data, where the one before ends at " +
                    std::to_string(at - layout.data_begin));
    at += entry.bytes;
  }
  const std::uint64_t used = at - layout.data_begin;
  if (used != layout.data_bytes)
    layout.refuse("its arrays end at byte " + std::to_string(used) + " of " +
                  std::to_string(layout.data_bytes) + " bytes of data");
}

template <class From>
void convert(std::string_view bytes, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    From value;
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    out[i] = float(value);
  }
}

template <float (*from_bits)(std::uint16_t)>
void convert_half(std::string_view bytes, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint16_t value;
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    out[i] = from_bits(value);
  }
}

}  // namespace

std::string_view name_of(SafetensorsType type) { return types[std::size_t(type)].name; }
std::size_t bytes_per_element(SafetensorsType type) { return types[std::size_t(type)].bytes; }

void convert_to_float32(SafetensorsType type, std::string_view bytes, std::span<float> out) {
  using enum SafetensorsType;
  assert(bytes.size() == out.size() * bytes_per_element(type));
  switch (type) {
    case boolean:
    case uint8:
      return convert<std::uint8_t>(bytes, out);
    case int8:
      return convert<std::int8_t>(bytes, out);
    case int16:
      return convert<std::int16_t>(bytes, out);
    case uint16:
      return convert<std::uint16_t>(bytes, out);
    case int32:
      return convert<std::int32_t>(bytes, out);
    case uint32:
      return convert<std::uint32_t>(bytes, out);
    case int64:
      return convert<std::int64_t>(bytes, out);
    case uint64:
      return convert<std::uint64_t>(bytes, out);
    case float64:
      return convert<double>(bytes, out);
    case float16:
      return convert_half<from_float16>(bytes, out);
    case bfloat16:
      return convert_half<from_bfloat16>(bytes, out);
    case float32:
      return convert<float>(bytes, out);
    case float8_e5m2:
    case float8_e4m3:
      break;
  }
}

SafetensorsFile::SafetensorsFile(const std::string& path) : file_(path) {
  std::uint64_t data_begin = 0;
  const Json header = read_header(file_, data_begin);
  const Layout layout{file_.name(), data_begin, file_.size() - data_begin};
  for (const auto& [key, value] : header.items()) {
    if (key == metadata_key)
      metadata_ = read_metadata(value, layout);
    else
      entries_.push_back(read_entry(key, value, layout));
  }
  std::ranges::sort(entries_, {}, [](const SafetensorsEntry& entry) {
    return std::pair(entry.offset, entry.bytes);
  });
  check_contiguous(entries_, layout);
  for (std::size_t i = 0; i < entries_.size(); ++i) index_[entries_[i].name] = i;
}

const SafetensorsEntry* SafetensorsFile::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &entries_[found->second];
}

std::string SafetensorsFile::read_bytes(const SafetensorsEntry& entry) const {
  std::string bytes(entry.bytes, '\0');
  file_.read(entry.offset, bytes.data(), bytes.size());
  return bytes;
}

void SafetensorsFile::read(const SafetensorsEntry& entry, std::span<float> out) const {
  using enum SafetensorsType;
  assert(out.size() == entry.count());
  if (entry.type == float32) return file_.read(entry.offset, out.data(), out.size_bytes());
  if (entry.type == float8_e5m2 || entry.type == float8_e4m3)
    throw Error(name() + ": the array " + Json(entry.name).dump() + " is " +
                std::string(name_of(entry.type)) + ", which cannot be read as numbers here");
  convert_to_float32(entry.type, read_bytes(entry), out);
}

}  // namespace diffusion
