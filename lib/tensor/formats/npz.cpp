#include "lib/tensor/formats/npz.hpp"

#include "lib/base/deflate.hpp"
#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

constexpr std::string_view extension = ".npy";
constexpr const char* kind = ".npz archive";

}  // namespace

NpzFile::NpzFile(const std::string& path) : zip_(RandomAccessFile(path), kind) {}

NpzFile::NpzFile(std::string bytes, std::string culprit)
    : zip_(RandomAccessFile(std::move(bytes), std::move(culprit)), kind) {}

std::vector<std::string> NpzFile::names() const {
  std::vector<std::string> all;
  for (const auto& [name, member] : zip_.members())
    if (name.ends_with(extension)) all.push_back(name.substr(0, name.size() - extension.size()));
  return all;
}

std::string NpzFile::bytes_of(const std::string& name) const {
  const std::string& file = zip_.file().name();
  const auto found = zip_.members().find(name + ".npy");
  if (found == zip_.members().end())
    throw Error(file + ": no array '" + name + "' (has: " + join(names(), ", ") + ")");
  const std::string culprit = file + ": array '" + name + "'";
  std::string bytes = zip_.unpack(found->second, culprit);
  if (crc32(bytes) != found->second.crc) throw Error(culprit + ": damaged (its check sum differs)");
  return bytes;
}

NpyArray NpzFile::read(const std::string& name) const {
  return npy_from_bytes(bytes_of(name), zip_.file().name() + ": array '" + name + "'");
}

}  // namespace diffusion
