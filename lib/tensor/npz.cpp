#include "lib/tensor/npz.hpp"

#include "lib/base/deflate.hpp"
#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

constexpr std::uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50,
                        end_signature = 0x06054b50, locator_signature = 0x07064b50,
                        end64_signature = 0x06064b50;
constexpr std::size_t local_bytes = 30, central_bytes = 46, end_bytes = 22, locator_bytes = 20,
                      end64_bytes = 56, longest_comment = 65535;
constexpr std::uint16_t stored = 0, deflated = 8, encrypted = 1, zip64_extra = 1;
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

/// The fields that overflowed 32 bits stand in an extra field, in this order.
void read_zip64(std::string_view extra, std::initializer_list<std::uint64_t*> fields,
                const std::string& culprit) {
  while (extra.size() >= 4) {
    const std::size_t size = u16(extra, 2);
    if (size > extra.size() - 4) throw Error(culprit + ": a damaged .npz archive (extra field)");
    if (u16(extra, 0) == zip64_extra) {
      std::size_t at = 4;
      for (std::uint64_t* field : fields) {
        if (*field != limit32) continue;
        if (at + 8 > size + 4) throw Error(culprit + ": a damaged .npz archive (ZIP64 sizes)");
        *field = u64(extra, at);
        at += 8;
      }
      return;
    }
    extra.remove_prefix(4 + size);
  }
}

}  // namespace

bool is_zip(std::string_view bytes) {
  return bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06");
}

NpzFile::NpzFile(const std::string& path)
    : NpzFile(read_file(path), path == "-" ? "standard input" : path) {}

NpzFile::NpzFile(std::string bytes, std::string culprit)
    : culprit_(std::move(culprit)), bytes_(std::move(bytes)) {
  if (!is_zip(bytes_))
    throw Error(culprit_ + ": not an .npz archive (it does not begin as a zip file)");
  read_directory(find_directory());
}

NpzFile::Directory NpzFile::find_directory() const {
  const std::string_view all(bytes_);
  const std::size_t lowest =
      all.size() < end_bytes + longest_comment ? 0 : all.size() - end_bytes - longest_comment;
  for (std::size_t at = all.size() < end_bytes ? 0 : all.size() - end_bytes + 1; at-- > lowest;) {
    if (u32(all, at) != end_signature || at + end_bytes + u16(all, at + 20) != all.size()) continue;
    Directory found{u32(all, at + 16), u32(all, at + 12), u16(all, at + 10)};
    const bool overflowed =
        found.offset == limit32 || found.bytes == limit32 || found.entries == limit16;
    if (overflowed && at >= locator_bytes && u32(all, at - locator_bytes) == locator_signature) {
      const std::uint64_t end64 = u64(all, at - locator_bytes + 8);
      if (end64 > all.size() || all.size() - end64 < end64_bytes ||
          u32(all, end64) != end64_signature)
        throw Error(culprit_ + ": a damaged .npz archive (ZIP64 directory)");
      found = {u64(all, end64 + 48), u64(all, end64 + 40), u64(all, end64 + 32)};
    }
    if (found.offset > at || found.bytes > at - found.offset)
      throw Error(culprit_ + ": a damaged .npz archive (directory out of bounds)");
    return found;
  }
  throw Error(culprit_ + ": truncated .npz archive (no central directory at its end)");
}

void NpzFile::read_directory(const Directory& directory) {
  std::string_view rest = std::string_view(bytes_).substr(directory.offset, directory.bytes);
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (rest.size() < central_bytes || u32(rest, 0) != central_signature)
      throw Error(culprit_ + ": a damaged .npz archive (central directory)");
    const std::size_t name_bytes = u16(rest, 28), extra_bytes = u16(rest, 30);
    const std::size_t entry_bytes = central_bytes + name_bytes + extra_bytes + u16(rest, 32);
    if (entry_bytes > rest.size())
      throw Error(culprit_ + ": a damaged .npz archive (central directory)");
    std::string name(rest.substr(central_bytes, name_bytes));
    Member member{u32(rest, 42), u32(rest, 20), u32(rest, 24), u16(rest, 10), u32(rest, 16)};
    read_zip64(rest.substr(central_bytes + name_bytes, extra_bytes),
               {&member.size, &member.packed, &member.offset}, culprit_);
    const bool locked = u16(rest, 8) & encrypted;
    rest.remove_prefix(entry_bytes);
    if (!name.ends_with(".npy")) continue;
    name.resize(name.size() - 4);
    if (locked) throw Error(culprit_ + ": member '" + name + "' is encrypted");
    if (!members_.emplace(name, member).second)
      throw Error(culprit_ + ": member '" + name + "' occurs twice");
  }
}

std::vector<std::string> NpzFile::names() const {
  std::vector<std::string> all;
  for (const auto& [name, member] : members_) all.push_back(name);
  return all;
}

std::string_view NpzFile::packed_bytes(const Member& member, const std::string& culprit) const {
  const std::string_view all(bytes_);
  if (member.offset > all.size() || all.size() - member.offset < local_bytes ||
      u32(all, member.offset) != local_signature)
    throw Error(culprit + ": damaged (no local header where the directory says)");
  const std::uint64_t data =
      member.offset + local_bytes + u16(all, member.offset + 26) + u16(all, member.offset + 28);
  if (data > all.size() || member.packed > all.size() - data)
    throw Error(culprit + ": truncated (" + std::to_string(member.packed) + " bytes claimed)");
  return all.substr(data, member.packed);
}

std::string NpzFile::bytes_of(const std::string& name) const {
  const auto found = members_.find(name);
  if (found == members_.end())
    throw Error(culprit_ + ": no array '" + name + "' (has: " + join(names(), ", ") + ")");
  const Member& member = found->second;
  const std::string culprit = culprit_ + ": array '" + name + "'";
  const std::string_view packed = packed_bytes(member, culprit);
  std::string bytes;
  if (member.method == deflated)
    bytes = inflate_raw(packed, member.size, culprit);
  else if (member.method != stored)
    throw Error(culprit + ": compression method " + std::to_string(member.method) +
                " is not known (has: stored, deflated)");
  else if (packed.size() != member.size)
    throw Error(culprit + ": damaged (stored and unpacked sizes differ)");
  else
    bytes = packed;
  if (crc32(bytes) != member.crc) throw Error(culprit + ": damaged (its check sum differs)");
  return bytes;
}

NpyArray NpzFile::read(const std::string& name) const {
  return npy_from_bytes(bytes_of(name), culprit_ + ": array '" + name + "'");
}

}  // namespace diffusion
