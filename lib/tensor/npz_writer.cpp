// Zip archives as NumPy and every unzip program read them. ZIP64 fields are
// written only where a size needs them.
#include "lib/base/deflate.hpp"
#include "lib/tensor/npz.hpp"

namespace diffusion {
namespace {

constexpr std::uint64_t limit16 = 0xFFFF, limit32 = 0xFFFFFFFF;
constexpr std::uint16_t version_zip = 20, version_zip64 = 45, utf8_names = 1 << 11;
constexpr std::uint32_t first_of_1980 = 0x00210000;  // the earliest date that zip has

/// Little-endian fields, one after another.
class Record {
 public:
  Record& u16(std::uint64_t value) { return put(value, 2); }
  Record& u32(std::uint64_t value) { return put(value, 4); }
  Record& u64(std::uint64_t value) { return put(value, 8); }
  Record& text(std::string_view value) {
    bytes_ += value;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  Record& put(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) bytes_ += char(value >> 8 * i & 0xff);
    return *this;
  }
  std::string bytes_;
};

std::uint64_t low32(std::uint64_t value) { return value < limit32 ? value : limit32; }

struct Entry {
  std::string name;  // with ".npy"
  std::uint64_t offset, size;
  std::uint32_t crc;
};

std::string local_header(const Entry& e) {
  const bool large = e.size >= limit32;
  Record r;
  r.u32(0x04034b50).u16(large ? version_zip64 : version_zip).u16(utf8_names).u16(0);
  r.u32(first_of_1980).u32(e.crc).u32(low32(e.size)).u32(low32(e.size));
  r.u16(e.name.size()).u16(large ? 20 : 0).text(e.name);
  if (large) r.u16(1).u16(16).u64(e.size).u64(e.size);
  return r.bytes();
}

std::string central_header(const Entry& e) {
  Record extra;
  if (e.size >= limit32) extra.u64(e.size).u64(e.size);
  if (e.offset >= limit32) extra.u64(e.offset);
  const std::size_t fields = extra.bytes().size();
  const std::uint16_t version = fields > 0 ? version_zip64 : version_zip;
  Record r;
  r.u32(0x02014b50).u16(version).u16(version).u16(utf8_names).u16(0);
  r.u32(first_of_1980).u32(e.crc).u32(low32(e.size)).u32(low32(e.size));
  r.u16(e.name.size()).u16(fields > 0 ? fields + 4 : 0).u16(0).u16(0).u16(0).u32(0);
  r.u32(low32(e.offset)).text(e.name);
  if (fields > 0) r.u16(1).u16(fields).text(extra.bytes());
  return r.bytes();
}

std::string end_of_directory(std::uint64_t entries, std::uint64_t offset, std::uint64_t bytes) {
  Record r;
  if (entries >= limit16 || offset >= limit32 || bytes >= limit32) {
    r.u32(0x06064b50).u64(44).u16(version_zip64).u16(version_zip64).u32(0).u32(0);
    r.u64(entries).u64(entries).u64(bytes).u64(offset);
    r.u32(0x07064b50).u32(0).u64(offset + bytes).u32(1);
  }
  const std::uint64_t count = entries < limit16 ? entries : limit16;
  r.u32(0x06054b50).u16(0).u16(0).u16(count).u16(count).u32(low32(bytes)).u32(low32(offset)).u16(0);
  return r.bytes();
}

}  // namespace

void write_npz(const std::string& path,
               const std::vector<std::pair<std::string, std::string>>& members) {
  AtomicFile file(path);
  std::string directory;
  std::uint64_t offset = 0;
  for (const auto& [name, bytes] : members) {
    const Entry entry{name + ".npy", offset, bytes.size(), crc32(bytes)};
    const std::string header = local_header(entry);
    file.write(header);
    file.write(bytes);
    offset += header.size() + bytes.size();
    directory += central_header(entry);
  }
  file.write(directory);
  file.write(end_of_directory(members.size(), offset, directory.size()));
  file.commit();
}

}  // namespace diffusion
