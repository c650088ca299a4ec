#include "lib/output/destination.hpp"

#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/image/format.hpp"
#include "lib/image/image_file.hpp"

namespace diffusion {
namespace {

StoreKind kind_of(const std::string& path, StoreKind piped) {
  if (path.empty()) return StoreKind::none;
  if (path == "-") return piped;
  if (names_folder(path)) return StoreKind::folder;
  const std::string extension = extension_of(path);
  if (extension == ".npy" || extension == ".npz") return StoreKind::array;
  if (extension == ".csv") return StoreKind::csv;
  return extension == ".tar" ? StoreKind::tar : StoreKind::picture;
}

bool is_there(const std::string& path) {
  std::error_code none;
  return std::filesystem::exists(path, none);
}

}  // namespace

bool Destination::has_names() const { return kind != StoreKind::none && !in_rows(); }

bool Destination::in_rows() const { return kind == StoreKind::array || kind == StoreKind::csv; }

bool Destination::one_file() const { return in_rows() || kind == StoreKind::tar; }

std::string Destination::file(const std::string& name) const {
  if (kind == StoreKind::folder) return path + (path.ends_with('/') ? "" : "/") + name;
  return path;
}

bool Destination::has(const std::string& name) const {
  return (kind == StoreKind::folder || kind == StoreKind::picture) && is_there(file(name));
}

bool Destination::whole() const { return one_file() && path != "-" && is_there(path); }

Destination destination_of(const std::string& path, StoreKind piped) {
  return {path, kind_of(path, piped)};
}

void need_known_ending(const Destination& to) {
  if (to.kind == StoreKind::picture && !is_writable_image_name(to.path))
    throw Error(to.path + ": needs the name of a folder (with '/' at its end), an array " +
                "(.npy, .npz, or .csv of points), an archive (.tar) or a picture (" +
                writable_formats() + ")");
}

void need_room(const Destination& to, std::size_t pictures) {
  if (to.kind == StoreKind::picture && pictures > 1)
    throw Error(to.path + ": one file for several pictures; name a folder (with '/' at its " +
                "end), an archive (.tar) or an array (.npy)");
}

}  // namespace diffusion
