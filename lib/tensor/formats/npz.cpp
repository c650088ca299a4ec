#include "lib/tensor/formats/npz.hpp"

#include <algorithm>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/text.hpp"
#include "lib/tensor/formats/npy_header.hpp"

namespace diffusion {
namespace {

constexpr std::string_view extension = ".npy";
constexpr const char* kind = ".npz archive";

std::string culprit_of(const ZipFile& zip, const std::string& name) {
  return zip.file().name() + ": array '" + printable(name) + "'";
}

}  // namespace

bool is_npz(std::string_view front) {
  constexpr std::string_view of_no_members = "PK\x05\x06";
  constexpr std::size_t name_size_at = 26, name_at = 30;
  if (front.starts_with(of_no_members)) return true;
  if (file_kind(front) != FileKind::zip || front.size() < name_at) return false;
  const auto byte = [&](std::size_t at) { return std::size_t(std::uint8_t(front[at])); };
  const std::size_t size = byte(name_size_at) + (byte(name_size_at + 1) << 8);
  return front.substr(name_at, size).ends_with(extension);
}

bool is_npz_file(const std::string& path) {
  std::error_code none;
  return std::filesystem::is_regular_file(path, none) && is_npz(InputFile(path).front());
}

NpzFile::NpzFile(const std::string& path) : zip_(RandomAccessFile(path), kind) {}

NpzFile::NpzFile(std::string bytes, std::string culprit)
    : zip_(RandomAccessFile(std::move(bytes), std::move(culprit)), kind) {}

std::vector<std::string> NpzFile::names() const {
  std::vector<std::string> all;
  for (const auto& [name, member] : zip_.members())
    if (name.ends_with(extension)) all.push_back(name.substr(0, name.size() - extension.size()));
  return all;
}

const ZipMember& NpzFile::member(const std::string& name) const {
  const auto found = zip_.members().find(name + ".npy");
  if (found == zip_.members().end())
    throw Error(zip_.file().name() + ": no array '" + name +
                "' (has: " + printable(join(names(), ", ")) + ")");
  return found->second;
}

std::string NpzFile::bytes_of(const std::string& name) const {
  return zip_.contents(member(name), culprit_of(zip_, name));
}

NpyArray NpzFile::read(const std::string& name) const {
  return npy_from_bytes(bytes_of(name), culprit_of(zip_, name));
}

std::vector<std::size_t> NpzFile::shape_of(const std::string& name) const {
  constexpr std::size_t longest_header = 1 << 15;  // NumPy's have some hundred bytes
  const ZipMember& found = member(name);
  const std::string culprit = culprit_of(zip_, name);
  return read_npy_header(zip_.front(found, longest_header, culprit), found.size, culprit).shape;
}

}  // namespace diffusion
