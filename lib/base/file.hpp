// Whole files in and out, with errors that name the file and the cause.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace diffusion {

/// How many bytes are read of a file that has to be in memory as a whole.
struct FileLimit {
  std::uint64_t bytes;
  std::string_view of;  // what is read: "a list of files"
};
inline constexpr FileLimit no_limit{std::uint64_t(-1), ""};
inline constexpr FileLimit text_limit{std::uint64_t(1) << 28, "JSON and text"};

/// The bytes of a file; "-" is standard input. Throws Error, also for a file above the limit, of
/// which no more is read.
std::string read_file(const std::string& path, const FileLimit& limit = no_limit);
/// The same of a file of numbers, whose first bytes tell its kind. Of what is text or unknown
/// these alone are read, to be refused by them: there may be no end to it.
std::string read_binary(const std::string& path);

/// The same of a file that holds text or JSON. Of what is neither, by its first bytes, these
/// alone are read.
std::string read_text(const std::string& path, const FileLimit& limit = text_limit);
/// The bytes of such a file as text: without the byte order mark that some editors write
/// first. Throws Error, opened by `culprit`, for UTF-16.
std::string plain_text(std::string bytes, const std::string& culprit);

/// A file, a pipe, or "-", standard input, read in pieces; its first bytes can be looked at
/// before. Waiting for a pipe ends by Interrupted. Throws Error.
class InputFile {
 public:
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// As messages should name it.
  const std::string& name() const { return name_; }
  /// The first bytes, 4096 if there are as many.
  std::string_view front() const { return front_; }
  /// Makes all of the file its front.
  void read_all();
  /// The next piece from the first byte on, valid until the next call; empty at the end.
  std::string_view next();
  /// All that next() has not given yet.
  std::string rest(const FileLimit& limit = no_limit);

 private:
  std::size_t read(char* to, std::size_t most);
  void check(std::uint64_t bytes, const FileLimit& limit) const;

  std::string name_, front_, piece_;
  bool front_given_ = false;
  int descriptor_;
  std::size_t size_ = 0;  // of a regular file
  bool may_wait_ = false;
};

/// "cannot be read (No such file or directory)" from errno.
std::string system_reason();

/// A file that appears whole or not at all: written under a temporary name in
/// the same folder, and renamed over `path` by commit(). Without commit() the
/// temporary file is removed, also one that a process left which was killed. "-" is
/// standard output: written through directly.
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Throws OutputError when the disk is full or the reader of a pipe is gone. Waiting for
  /// that reader ends by Interrupted.
  void write(const void* data, std::size_t bytes);
  void write(std::string_view text) { write(text.data(), text.size()); }
  /// Overwrites bytes already written (headers whose counts come last).
  void write_at(std::uint64_t offset, std::string_view text);
  /// Flushes to disk (fsync) and renames.
  void commit();

  /// Nothing more will be written: holds no open file until commit_all().
  void set_aside();
  /// Commits files that were set aside, at the price of one flush for each file system.
  static void commit_all(std::span<const std::unique_ptr<AtomicFile>> files);

 private:
  [[noreturn]] void fail() const;
  void close();

  std::string path_, temporary_;
  int descriptor_ = -1;
  std::uint64_t device_ = 0;
  bool may_wait_ = false;  // for who reads it
};

/// AtomicFile with one write.
void write_file(const std::string& path, std::string_view bytes);

/// Makes a folder and its parents. Throws Error.
void make_folder(const std::string& path);

}  // namespace diffusion
