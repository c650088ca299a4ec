// The table of functions through which libarchive is called. Behind it are
// twelve shared libraries, which a tool that opens no archive never loads.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace diffusion {

/// The next bytes of a stream; empty at its end.
using ByteSource = std::function<std::string_view()>;
/// Passes over bytes of a stream instead, no more than are asked for; says how many.
using ByteSkip = std::function<std::uint64_t(std::uint64_t bytes)>;
/// Where the bytes of a stream go.
using ByteSink = std::function<void(std::string_view)>;

enum class MemberKind { file, link };

struct ArchiveMember {
  std::string name;  // as the archive has it
  MemberKind kind;
  std::uint64_t position = 0;              // of its headers in the archive, once that is unpacked
  std::optional<std::uint64_t> size = {};  // where the archive tells it beforehand
  bool sparse = false;                     // its holes are left out
};

class ArchiveReader {
 public:
  virtual ~ArchiveReader() = default;
  /// The next regular file or link (folders and devices are passed over), or nothing at
  /// the end. Throws Error where the archive is damaged or ends early.
  virtual std::optional<ArchiveMember> next() = 0;
  /// At the end of a tar: what a person should know of it, "ends without ...", or "".
  virtual std::string remark() = 0;
  /// The first bytes of the file that next() gave last, as many as are asked for or a few more.
  virtual std::string_view front(std::size_t bytes) = 0;
  /// All bytes of that file; at most once each.
  virtual std::string contents() = 0;
};

class ArchiveWriter {
 public:
  virtual ~ArchiveWriter() = default;
  virtual void add(const std::string& name, std::string_view bytes) = 0;
  virtual void finish() = 0;
};

struct ArchiveModule {
  std::unique_ptr<ArchiveReader> (*read)(ByteSource source, ByteSkip skip,
                                         const std::string& culprit);
  std::unique_ptr<ArchiveWriter> (*write)(ByteSink sink);
};

/// What the module exports, under this name.
inline constexpr const char* archive_module_symbol = "diffusion_archive_module";
extern "C" const ArchiveModule* diffusion_archive_module();

}  // namespace diffusion
