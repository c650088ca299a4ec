// Tar archives as streams, in and out, and zip archives in (libarchive, loaded with the first one).
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/archive_module.hpp"
#include "lib/base/file.hpp"
#include "lib/base/random_access.hpp"

namespace diffusion {

/// Reads an archive member by member from the front of `source` to its end, in memory
/// for one of them. With `skip`, contents that nobody asks for are not read. Throws Error, opened
/// by `culprit`.
std::unique_ptr<ArchiveReader> read_archive(ByteSource source, const std::string& culprit,
                                            ByteSkip skip = {});
/// The same of a file that is not a pipe, whose name opens messages.
std::unique_ptr<ArchiveReader> read_archive(const std::string& path);

/// Where the contents of a member lie in a tar archive that is not packed: behind its
/// headers, the first of which is at `position`, or behind the zeros there that end an archive
/// before; nothing at the end of all. Contents with holes lie there without them.
std::optional<std::uint64_t> contents_position(const RandomAccessFile& archive,
                                               std::uint64_t position);

/// A tar archive written member by member: to a file that appears whole or not at all,
/// or to "-", standard output, as it comes. The same members give the same bytes.
/// Throws OutputError.
class TarWriter {
 public:
  explicit TarWriter(const std::string& path);
  ~TarWriter();

  /// A regular file; folders are implied by its name.
  void add(const std::string& name, std::string_view bytes);
  void commit();

 private:
  AtomicFile file_;
  std::unique_ptr<ArchiveWriter> writer_;
};

}  // namespace diffusion
