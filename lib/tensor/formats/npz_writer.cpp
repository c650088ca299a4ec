// Zip archives as NumPy and every unzip program read them. ZIP64 fields are
// written only where a size needs them.
#include <cassert>
#include <utility>

#include "lib/base/deflate.hpp"
#include "lib/tensor/formats/npz.hpp"

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

struct ZipEntry {
  std::string name;  // with ".npy"
  std::uint64_t offset, size;
  std::uint32_t crc;
};

std::string local_header(const ZipEntry& e) {
  const bool large = e.size >= limit32;
  Record r;
  r.u32(0x04034b50).u16(large ? version_zip64 : version_zip).u16(utf8_names).u16(0);
  r.u32(first_of_1980).u32(e.crc).u32(low32(e.size)).u32(low32(e.size));
  r.u16(e.name.size()).u16(large ? 20 : 0).text(e.name);
  if (large) r.u16(1).u16(16).u64(e.size).u64(e.size);
  return r.bytes();
}

std::string central_header(const ZipEntry& e) {
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

struct NpzWriter::Entry : ZipEntry {
  std::uint64_t data;      // where the member's bytes begin
  std::uint32_t seen = 0;  // check sum of those written
};

NpzWriter::NpzWriter(const std::string& path) : file_(path) {}
NpzWriter::~NpzWriter() = default;

void NpzWriter::write(std::string_view bytes) {
  file_.write(bytes);
  written_ += bytes.size();
}

void NpzWriter::open(const std::string& name, std::uint64_t bytes, std::uint32_t crc) {
  close();
  const ZipEntry entry{name + ".npy", written_, bytes, crc};
  const std::string header = local_header(entry);
  write(header);
  entries_.push_back({entry, written_});
}

void NpzWriter::close() {
  if (entries_.empty()) return;
  Entry& entry = entries_.back();
  assert(written_ == entry.data + entry.size);
  if (std::exchange(entry.crc, entry.seen) != entry.seen)  // it was not known beforehand
    file_.write_at(entry.offset, local_header(entry));
}

void NpzWriter::begin(const std::string& name, NpyType type,
                      const std::vector<std::size_t>& shape) {
  const std::string header = npy_header(type, shape);
  std::uint64_t bytes = bytes_per_element(type);
  for (const std::size_t extent : shape) bytes *= extent;
  open(name, header.size() + bytes, 0);
  append(header.data(), header.size());
}

void NpzWriter::append(const void* data, std::size_t bytes) {
  const std::string_view piece(static_cast<const char*>(data), bytes);
  entries_.back().seen = crc32(piece, entries_.back().seen);
  write(piece);
}

void NpzWriter::add(const std::string& name, std::string_view npy) {
  open(name, npy.size(), crc32(npy));
  append(npy.data(), npy.size());
}

void NpzWriter::commit() {
  close();
  const std::uint64_t offset = written_;
  for (const Entry& entry : entries_) write(central_header(entry));
  write(end_of_directory(entries_.size(), offset, written_ - offset));
  file_.commit();
}

void write_npz(const std::string& path,
               const std::vector<std::pair<std::string, std::string>>& members) {
  NpzWriter archive(path);
  for (const auto& [name, npy] : members) archive.add(name, npy);
  archive.commit();
}

}  // namespace diffusion
