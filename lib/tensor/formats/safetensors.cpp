#include "lib/tensor/formats/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/stand_in.hpp"
#include "lib/tensor/extent.hpp"
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

  [[noreturn]] void refuse(const std::string& why) const { throw Error(opening() + ": " + why); }
  JsonAt at(const Json& json, const std::string& path) const { return {json, opening(), path}; }
  std::string opening() const { return culprit + ": not a sound safetensors file"; }
};

Json read_header(const RandomAccessFile& file, std::uint64_t& data_begin) {
  const auto refuse = [&](const std::string& why) {
    throw Error(file.name() + ": not a safetensors file: " + why);
  };
  if (const FileKind kind = kind_of_file(file); kind != FileKind::safetensors) {
    refuse_stand_in(file);
    refuse_known_kind(kind, file.name(), "a safetensors file");
  }
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

SafetensorsType read_type(const Json& json, const std::string& what, const Layout& layout) {
  const auto found = std::ranges::find_if(
      types, [&](const TypeInfo& type) { return json.is_string() && json == type.name; });
  if (found == types.end()) layout.refuse(what + " has the unknown dtype " + shown(json));
  return SafetensorsType(found - types.begin());
}

/// Whole numbers.
std::vector<std::size_t> read_list(const JsonAt& json) {
  std::vector<std::size_t> list;
  for (const JsonAt& each : json.array()) list.push_back(std::size_t(each.whole()));
  return list;
}

SafetensorsEntry read_entry(const std::string& name, const Json& value, const Layout& layout) {
  const std::string what = "the array " + shown(name);
  const JsonAt json = layout.at(value, what);
  SafetensorsEntry entry{name, read_type(json["dtype"].json(), what, layout),
                         read_list(json["shape"])};
  const std::vector<std::size_t> offsets = read_list(json["data_offsets"]);
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > layout.data_bytes)
    layout.refuse(what + " lies at " + shown(json["data_offsets"].json()) + " in " +
                  std::to_string(layout.data_bytes) + " bytes of data");
  entry.offset = layout.data_begin + offsets[0];
  entry.bytes = offsets[1] - offsets[0];
  const auto expected = bytes_of_shape(entry.shape, bytes_per_element(entry.type));
  if (expected != entry.bytes)
    layout.refuse(what + " has " + std::to_string(entry.bytes) + " bytes, which is not " +
                  shown(json["shape"].json()) + " of " + std::string(name_of(entry.type)));
  return entry;
}

SafetensorsMetadata read_metadata(const Json& json, const Layout& layout) {
  const std::string path(metadata_key);
  SafetensorsMetadata metadata;
  const JsonAt given = layout.at(json, path);
  for (const auto& [key, value] : given.object().items())
    metadata[key] = layout.at(value, path + "." + key).text();
  return metadata;
}

/// The reference's rule: no holes, no overlap, nothing left over at the end.
void check_contiguous(const std::vector<SafetensorsEntry>& entries, const Layout& layout) {
  std::uint64_t at = layout.data_begin;
  for (const SafetensorsEntry& entry : entries) {
    if (entry.offset != at)
      layout.refuse("the array " + shown(entry.name) + " begins at byte " +
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
    throw Error(name() + ": the array " + shown(entry.name) + " is " +
                std::string(name_of(entry.type)) + ", which cannot be read as numbers here");
  convert_to_float32(entry.type, read_bytes(entry), out);
}

}  // namespace diffusion
