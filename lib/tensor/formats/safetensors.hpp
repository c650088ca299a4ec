// safetensors: named arrays in one file, behind a JSON header.
// u64 little-endian header length, header, then the data without holes.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/random_access.hpp"

namespace diffusion {

/// In the order of the reference library, whose writer sorts by it.
enum class SafetensorsType {
  boolean,
  uint8,
  int8,
  float8_e5m2,
  float8_e4m3,
  int16,
  uint16,
  float16,
  bfloat16,
  int32,
  uint32,
  float32,
  float64,
  int64,
  uint64,
};

std::string_view name_of(SafetensorsType type);  // "F32", "I64", ...
std::size_t bytes_per_element(SafetensorsType type);
/// The numbers that little-endian `bytes` hold; 8-bit floats there may not be.
void convert_to_float32(SafetensorsType type, std::string_view bytes, std::span<float> out);

/// One array of a file.
struct SafetensorsEntry {
  std::string name;
  SafetensorsType type = SafetensorsType::float32;
  std::vector<std::size_t> shape;
  std::uint64_t offset = 0, bytes = 0;  // of the data in the file

  std::size_t count() const { return std::size_t(bytes) / bytes_per_element(type); }
};

using SafetensorsMetadata = std::map<std::string, std::string>;

/// A file whose header has been read and found sound: every length, offset, shape
/// and name is checked before any data is touched, and data is read when asked for.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::string& path);  // throws Error

  const std::string& name() const { return file_.name(); }
  const SafetensorsMetadata& metadata() const { return metadata_; }
  const std::vector<SafetensorsEntry>& entries() const { return entries_; }  // as data lies
  const SafetensorsEntry* find(std::string_view name) const;                 // or nullptr

  /// The numbers of an array as float32 (out.size() == entry.count()). Throws
  /// Error for types that float32 arrays are not made from (8-bit floats).
  void read(const SafetensorsEntry& entry, std::span<float> out) const;
  /// The bytes as the file holds them.
  std::string read_bytes(const SafetensorsEntry& entry) const;

 private:
  RandomAccessFile file_;
  SafetensorsMetadata metadata_;
  std::vector<SafetensorsEntry> entries_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

/// An array to write: a view of the caller's data.
struct SafetensorsArray {
  std::string name;
  SafetensorsType type = SafetensorsType::float32;
  std::vector<std::size_t> shape;
  std::span<const std::byte> bytes;
};

SafetensorsArray safetensors_array(std::string name, std::vector<std::size_t> shape,
                                   std::span<const float> values);

/// Writes atomically, byte for byte as the reference library does (type
/// descending, then name; header padded to 8 with spaces; metadata by key, where
/// the reference has no order). Names must differ and not be "__metadata__".
/// "-": standard output. `before` is called with each array before its bytes are looked at.
/// Throws Error.
void write_safetensors(const std::string& path, std::vector<SafetensorsArray> arrays,
                       const SafetensorsMetadata& metadata = {},
                       const std::function<void(const SafetensorsArray&)>& before = {});

}  // namespace diffusion
