// The door of libarchive, built as a module of its own (archive_module.hpp).
#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

#include "lib/base/archive_module.hpp"
#include "lib/base/error.hpp"

namespace diffusion {
namespace {

struct FreeReader {
  void operator()(archive* a) const { archive_read_free(a); }
};
struct FreeWriter {
  void operator()(archive* a) const { archive_write_free(a); }
};
struct FreeEntry {
  void operator()(archive_entry* e) const { archive_entry_free(e); }
};

std::string reason(archive* a) {
  const char* text = archive_error_string(a);
  return text ? text : "no reason known";
}

/// Exceptions do not cross C code: they are kept there and thrown again on this side.
class Passage {
 public:
  template <class Call>
  la_ssize_t guard(archive* a, const Call& call) {
    try {
      return call();
    } catch (...) {
      kept_ = std::current_exception();
      archive_set_error(a, EIO, "stopped");
      return ARCHIVE_FATAL;
    }
  }
  /// Of calls after one that threw, none is made.
  template <class Call>
  void keep(const Call& call) {
    if (kept_) return;
    try {
      call();
    } catch (...) {
      kept_ = std::current_exception();
    }
  }
  void rethrow() {
    if (kept_) std::rethrow_exception(std::exchange(kept_, nullptr));
  }

 private:
  std::exception_ptr kept_;
};

class EntryReader : public ArchiveReader {
 public:
  EntryReader(ByteSource source, ByteSkip skip, std::string culprit)
      : source_(std::move(source)),
        skip_(std::move(skip)),
        culprit_(std::move(culprit)),
        archive_(archive_read_new()) {
    archive_read_support_format_tar(archive_.get());
    archive_read_support_format_zip_streamable(archive_.get());
    archive_read_support_filter_all(archive_.get());
    // What follows the end of an archive is another one, as `cat a.tar b.tar` makes it.
    check(archive_read_set_format_option(archive_.get(), "tar", "read_concatenated_archives", "1"));
    check(archive_read_open2(archive_.get(), this, nullptr, pull, skip_ ? pass : nullptr, nullptr));
  }

  std::optional<ArchiveMember> next() override {
    begun_.clear();
    for (archive_entry* entry = nullptr;;) {
      const int status = archive_read_next_header(archive_.get(), &entry);
      if (status == ARCHIVE_EOF) return std::nullopt;
      check(status);
      if (status == ARCHIVE_RETRY) refuse(reason(archive_.get()));
      const char* name = archive_entry_pathname(entry);
      if (!name) name = archive_entry_pathname_utf8(entry);
      if (!name) refuse("a member without a name");
      if (archive_entry_hardlink(entry) || archive_entry_filetype(entry) == AE_IFLNK)
        return ArchiveMember{name, MemberKind::link};
      if (archive_entry_filetype(entry) == AE_IFREG) return file_member(name, entry);
    }
  }

  std::string remark() override {
    archive* const a = archive_.get();
    if ((archive_format(a) & ARCHIVE_FORMAT_BASE_MASK) != ARCHIVE_FORMAT_TAR) return "";
    // Blocks of zeros would have been read where a header was looked for.
    if (archive_filter_bytes(a, 0) == archive_read_header_position(a))
      return "ends without the blocks of zeros that end an archive: it may have been cut off";
    return is_followed() ? "is followed by bytes that are not part of it, and were passed over"
                         : "";
  }

  std::string_view front(std::size_t bytes) override {
    while (begun_.size() < bytes && read_block()) continue;
    return begun_;
  }

  std::string contents() override {
    while (read_block()) continue;
    return std::exchange(begun_, {});
  }

 private:
  ArchiveMember file_member(const char* name, archive_entry* entry) const {
    ArchiveMember member{name, MemberKind::file,
                         std::uint64_t(archive_read_header_position(archive_.get()))};
    if (archive_entry_size_is_set(entry)) member.size = std::uint64_t(archive_entry_size(entry));
    member.sparse = archive_entry_sparse_count(entry) > 0;
    return member;
  }

  /// Whether more than zeros is left behind the end of what is packed.
  bool is_followed() {
    const std::uint64_t left = given_ - std::uint64_t(archive_filter_bytes(archive_.get(), -1));
    std::string_view rest = piece_.substr(piece_.size() - std::min(piece_.size(), left));
    do
      if (rest.find_first_not_of('\0') != rest.npos) return true;
    while (!(rest = source_()).empty());
    return false;
  }

  /// False at the member's end.
  bool read_block() {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(archive_.get(), &block, &size, &offset);
    if (status == ARCHIVE_EOF) return false;
    check(status);
    constexpr std::size_t most = std::size_t(1) << 31;
    if (std::size_t(offset) + size > most) refuse("a member of more than 2 GB");
    begun_.resize(std::size_t(offset), '\0');  // holes of sparse files
    begun_.append(static_cast<const char*>(block), size);
    return true;
  }

  static la_ssize_t pull(archive* a, void* self, const void** bytes) {
    auto* reader = static_cast<EntryReader*>(self);
    return reader->passage_.guard(a, [&] {
      const std::string_view got = reader->source_();
      reader->given_ += got.size();
      if (!got.empty()) reader->piece_ = got;
      *bytes = got.data();
      return la_ssize_t(got.size());
    });
  }

  static la_int64_t pass(archive*, void* self, la_int64_t bytes) {
    auto* reader = static_cast<EntryReader*>(self);
    const std::uint64_t passed = reader->skip_(std::uint64_t(bytes));
    reader->given_ += passed;
    return la_int64_t(passed);
  }

  void check(int status) {
    passage_.rethrow();
    if (status < ARCHIVE_WARN) refuse(reason(archive_.get()));
  }
  [[noreturn]] void refuse(const std::string& why) {
    throw Error(culprit_ + ": not an archive that can be read to its end (" + why + ")");
  }

  ByteSource source_;
  ByteSkip skip_;
  std::string culprit_;
  std::string begun_;        // of the member
  std::string_view piece_;   // the last one that the source gave
  std::uint64_t given_ = 0;  // bytes of the source, with those passed over
  Passage passage_;
  std::unique_ptr<archive, FreeReader> archive_;
};

class Writer : public ArchiveWriter {
 public:
  explicit Writer(ByteSink sink) : sink_(std::move(sink)), archive_(archive_write_new()) {
    archive_write_set_format_gnutar(archive_.get());  // names of any length in any bytes
    archive_write_set_bytes_in_last_block(archive_.get(), 1);
    check(archive_write_open(archive_.get(), this, nullptr, push, nullptr));
  }
  /// What is not finished must not look as if it were: what freeing writes goes nowhere.
  ~Writer() override {
    sink_ = [](std::string_view) {};
  }

  void add(const std::string& name, std::string_view bytes) override {
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), la_int64_t(bytes.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), 0, 0);  // the same members, the same bytes
    check(archive_write_header(archive_.get(), entry.get()));
    check(archive_write_data(archive_.get(), bytes.data(), bytes.size()));
  }
  void finish() override { check(archive_write_close(archive_.get())); }

 private:
  /// Does not fail, for libarchive leaks what it holds when a callback did: check() throws.
  static la_ssize_t push(archive*, void* self, const void* bytes, std::size_t size) {
    auto* writer = static_cast<Writer*>(self);
    writer->passage_.keep([&] { writer->sink_({static_cast<const char*>(bytes), size}); });
    return la_ssize_t(size);
  }

  void check(la_ssize_t status) {
    passage_.rethrow();
    if (status < ARCHIVE_WARN)
      throw OutputError("an archive can't be written (" + reason(archive_.get()) + ")");
  }

  ByteSink sink_;
  Passage passage_;
  std::unique_ptr<archive, FreeWriter> archive_;
};

constexpr ArchiveModule module_table{
    [](ByteSource source, ByteSkip skip,
       const std::string& culprit) -> std::unique_ptr<ArchiveReader> {
      return std::make_unique<EntryReader>(std::move(source), std::move(skip), culprit);
    },
    [](ByteSink sink) -> std::unique_ptr<ArchiveWriter> {
      return std::make_unique<Writer>(std::move(sink));
    }};

}  // namespace

extern "C" const ArchiveModule* diffusion_archive_module() { return &module_table; }

}  // namespace diffusion
