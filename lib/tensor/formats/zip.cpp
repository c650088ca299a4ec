#include "lib/tensor/formats/zip.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "lib/base/deflate.hpp"
#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

constexpr std::uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50,
                        end_signature = 0x06054b50, locator_signature = 0x07064b50,
                        end64_signature = 0x06064b50;
constexpr std::size_t local_bytes = 30, central_bytes = 46, end_bytes = 22, locator_bytes = 20,
                      end64_bytes = 56, longest_comment = 65535;
constexpr std::uint16_t zip64_extra = 1;
constexpr std::uint64_t limit16 = 0xFFFF, limit32 = 0xFFFFFFFF;

template <class Number>
Number little(std::string_view bytes, std::size_t at) {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i)
    value |= Number(Number(std::uint8_t(bytes[at + i])) << 8 * i);
  return value;
}
std::uint16_t u16(std::string_view bytes, std::size_t at) {
  return little<std::uint16_t>(bytes, at);
}
std::uint32_t u32(std::string_view bytes, std::size_t at) {
  return little<std::uint32_t>(bytes, at);
}
std::uint64_t u64(std::string_view bytes, std::size_t at) {
  return little<std::uint64_t>(bytes, at);
}

/// The fields that overflowed 32 bits stand in an extra field, in this order. What is
/// wrong with it, or nothing.
std::optional<std::string> read_zip64(std::string_view extra,
                                      std::initializer_list<std::uint64_t*> fields) {
  while (extra.size() >= 4) {
    const std::size_t size = u16(extra, 2);
    if (size > extra.size() - 4) return "extra field";
    if (u16(extra, 0) == zip64_extra) {
      std::size_t at = 4;
      for (std::uint64_t* field : fields) {
        if (*field != limit32) continue;
        if (at + 8 > size + 4) return "ZIP64 sizes";
        *field = u64(extra, at);
        at += 8;
      }
      return std::nullopt;
    }
    extra.remove_prefix(4 + size);
  }
  return std::nullopt;
}

std::string read_piece(const RandomAccessFile& file, std::uint64_t offset, std::size_t bytes) {
  std::string piece(bytes, '\0');
  file.read(offset, piece.data(), bytes);
  return piece;
}

}  // namespace

ZipFile::ZipFile(RandomAccessFile file, std::string kind)
    : file_(std::move(file)), kind_(std::move(kind)) {
  if (const FileKind found = kind_of_file(file_); found != FileKind::zip) {
    refuse_known_kind(found, file_.name(), "an " + kind_);
    throw Error(file_.name() + ": not an " + kind_ + " (it does not begin as a zip file)");
  }
  read_directory(find_directory());
}

void ZipFile::damaged(const std::string& what) const {
  throw Error(file_.name() + ": a damaged " + kind_ + " (" + what + ")");
}

ZipFile::Directory ZipFile::find_directory() const {
  const std::uint64_t size = file_.size();
  const auto tail_bytes =
      std::size_t(std::min<std::uint64_t>(size, end_bytes + longest_comment + locator_bytes));
  const std::string tail = read_piece(file_, size - tail_bytes, tail_bytes);
  const std::size_t lowest = tail_bytes - std::min(tail_bytes, end_bytes + longest_comment);
  for (std::size_t at = tail_bytes < end_bytes ? 0 : tail_bytes - end_bytes + 1; at-- > lowest;) {
    if (u32(tail, at) != end_signature || at + end_bytes + u16(tail, at + 20) != tail_bytes)
      continue;
    Directory found{u32(tail, at + 16), u32(tail, at + 12), u16(tail, at + 10)};
    const bool overflowed =
        found.offset == limit32 || found.bytes == limit32 || found.entries == limit16;
    if (overflowed && at >= locator_bytes && u32(tail, at - locator_bytes) == locator_signature) {
      const std::uint64_t end64 = u64(tail, at - locator_bytes + 8);
      if (end64 > size || size - end64 < end64_bytes) damaged("ZIP64 directory");
      const std::string record = read_piece(file_, end64, end64_bytes);
      if (u32(record, 0) != end64_signature) damaged("ZIP64 directory");
      found = {u64(record, 48), u64(record, 40), u64(record, 32)};
    }
    const std::uint64_t end = size - tail_bytes + at;
    if (found.offset > end || found.bytes > end - found.offset) damaged("directory out of bounds");
    return found;
  }
  throw Error(file_.name() + ": truncated " + kind_ + " (no central directory at its end)");
}

void ZipFile::read_directory(const Directory& directory) {
  const std::string whole = read_piece(file_, directory.offset, std::size_t(directory.bytes));
  std::string_view rest = whole;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (rest.size() < central_bytes || u32(rest, 0) != central_signature)
      damaged("central directory");
    const std::size_t name_bytes = u16(rest, 28), extra_bytes = u16(rest, 30);
    const std::size_t entry_bytes = central_bytes + name_bytes + extra_bytes + u16(rest, 32);
    if (entry_bytes > rest.size()) damaged("central directory");
    const std::string name(rest.substr(central_bytes, name_bytes));
    ZipMember member{.offset = u32(rest, 42),
                     .packed = u32(rest, 20),
                     .size = u32(rest, 24),
                     .method = u16(rest, 10),
                     .flags = u16(rest, 8),
                     .crc = u32(rest, 16)};
    const std::string_view extra = rest.substr(central_bytes + name_bytes, extra_bytes);
    if (const auto fault = read_zip64(extra, {&member.size, &member.packed, &member.offset}))
      damaged(*fault);
    rest.remove_prefix(entry_bytes);
    if (!members_.emplace(name, member).second)
      throw Error(file_.name() + ": member '" + printable(name) + "' occurs twice");
  }
}

std::uint64_t ZipFile::data_in(const RandomAccessFile& file, const ZipMember& member,
                               const std::string& culprit) {
  const std::uint64_t size = file.size();
  if (member.is_encrypted()) throw Error(culprit + ": encrypted");
  if (member.offset > size || size - member.offset < local_bytes)
    throw Error(culprit + ": damaged (no local header where the directory says)");
  const std::string header = read_piece(file, member.offset, local_bytes);
  if (u32(header, 0) != local_signature)
    throw Error(culprit + ": damaged (no local header where the directory says)");
  const std::uint64_t data = member.offset + local_bytes + u16(header, 26) + u16(header, 28);
  if (data > size || member.packed > size - data)
    throw Error(culprit + ": truncated (" + std::to_string(member.packed) + " bytes claimed)");
  return data;
}

std::string ZipFile::unpack_in(const RandomAccessFile& file, const ZipMember& member,
                               const std::string& culprit) {
  const std::uint64_t data = data_in(file, member, culprit);
  if (!member.is_stored() && !member.is_deflated())
    throw Error(culprit + ": compression method " + std::to_string(member.method) +
                " is not known (has: stored, deflated)");
  std::string packed = read_piece(file, data, std::size_t(member.packed));
  if (member.is_deflated()) return inflate_raw(packed, member.size, culprit);
  if (packed.size() != member.size)
    throw Error(culprit + ": damaged (stored and unpacked sizes differ)");
  return packed;
}

std::string ZipFile::contents_in(const RandomAccessFile& file, const ZipMember& member,
                                 const std::string& culprit) {
  std::string bytes = unpack_in(file, member, culprit);
  if (crc32(bytes) != member.crc) throw Error(culprit + ": damaged (its check sum differs)");
  return bytes;
}

std::string ZipFile::front(const ZipMember& member, std::size_t bytes,
                           const std::string& culprit) const {
  const std::uint64_t data = data_of(member, culprit);
  const std::uint64_t enough = 2 * bytes + 1024;  // what can't be packed hardly grows
  std::string packed = read_piece(file_, data, std::size_t(std::min(member.packed, enough)));
  if (!member.is_stored()) return inflate_front(packed, bytes, culprit);
  packed.resize(std::min(packed.size(), bytes));
  return packed;
}

}  // namespace diffusion
