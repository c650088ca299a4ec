// Zip archives, which hold NumPy's arrays and PyTorch's: stored or deflated, ZIP64.
// The format: PKWARE APPNOTE 6.3.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "lib/base/random_access.hpp"

namespace diffusion {

struct ZipMember {
  std::uint64_t offset = 0, packed = 0, size = 0;  // of its local header; in the file; unpacked
  std::uint16_t method = 0, flags = 0;
  std::uint32_t crc = 0;

  bool is_stored() const { return method == 0; }
  bool is_deflated() const { return method == 8; }
  bool is_encrypted() const { return flags & 1; }
};

/// Members by name, read when asked for; sizes are taken from the central directory,
/// and nothing is believed before it is compared with the length of the file.
class ZipFile {
 public:
  /// `kind`, as messages name such files: ".npz archive". Throws Error.
  ZipFile(RandomAccessFile file, std::string kind);

  const RandomAccessFile& file() const { return file_; }
  const std::map<std::string, ZipMember>& members() const { return members_; }

  /// Where the packed bytes of a member begin. Throws Error, opened by `culprit`,
  /// unless they lie inside the file.
  std::uint64_t data_of(const ZipMember& member, const std::string& culprit) const {
    return data_in(file_, member, culprit);
  }
  /// A member unpacked; its check sum is not compared. Throws Error, opened by `culprit`.
  std::string unpack(const ZipMember& member, const std::string& culprit) const {
    return unpack_in(file_, member, culprit);
  }
  /// A member's contents, its check sum compared, from the same file opened anew. Throws Error,
  /// opened by `culprit`.
  static std::string contents_in(const RandomAccessFile& file, const ZipMember& member,
                                 const std::string& culprit);
  std::string contents(const ZipMember& member, const std::string& culprit) const {
    return contents_in(file_, member, culprit);
  }
  /// The first bytes of a member, as many as are asked for if it has as many. Throws Error.
  std::string front(const ZipMember& member, std::size_t bytes, const std::string& culprit) const;

 private:
  struct Directory {
    std::uint64_t offset, bytes, entries;
  };
  static std::uint64_t data_in(const RandomAccessFile& file, const ZipMember& member,
                               const std::string& culprit);
  static std::string unpack_in(const RandomAccessFile& file, const ZipMember& member,
                               const std::string& culprit);
  Directory find_directory() const;
  void read_directory(const Directory& directory);
  [[noreturn]] void damaged(const std::string& what) const;

  RandomAccessFile file_;
  std::string kind_;
  std::map<std::string, ZipMember> members_;
};

}  // namespace diffusion
