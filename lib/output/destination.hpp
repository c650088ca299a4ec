// What the name of an output says: where pictures go, and in which form.
#pragma once
#include <string>

namespace diffusion {

enum class StoreKind {
  none,
  folder,   // a file a picture
  picture,  // one of them
  array,    // all in one: .npy, .npz
  csv,      // all in one: a line of numbers for each
  tar,      // a member a picture
};

struct Destination {
  std::string path;
  StoreKind kind = StoreKind::none;

  /// Whether it has names for what it holds: all have but rows.
  bool has_names() const;
  /// Whether it has a row for each image: an array, or CSV.
  bool in_rows() const;
  /// Whether it is one file, there when all is done.
  bool one_file() const;
  /// The file that a picture of this name is, or is in.
  std::string file(const std::string& name) const;
  /// Whether the picture of this name is a file, and is there.
  bool has(const std::string& name) const;
  /// Whether it is one file, and is there.
  bool whole() const;
};

/// By the ending of `path`: nothing (""), a folder, an array, CSV, a tar, or else one picture.
/// Standard output ("-") is of kind `piped`.
Destination destination_of(const std::string& path, StoreKind piped);

/// Throws Error where the name's ending says nothing that can be written.
void need_known_ending(const Destination& to);

/// Throws Error where one picture is to hold several.
void need_room(const Destination& to, std::size_t pictures);

}  // namespace diffusion
