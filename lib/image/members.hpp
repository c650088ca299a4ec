// The files of a folder or an archive that are a set of images: pictures, or .npy files of
// one picture each, H x W x C, as the tools write values that are not to be rounded. Not
// both: an array beside a picture is likely to be the same one, or its noise.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/image/image_set.hpp"

namespace diffusion {

/// First bytes that are to be looked at; of NumPy's headers, which have some hundred bytes.
inline constexpr std::uint64_t enough_to_recognise = 4096;

enum class Content {
  picture,  // by its name, or by its first bytes where the name is of no kind
  array,    // of one picture, by its header
  unclear,  // a .npy file whose header can't be read
  other,
};

/// What a file is; `front` are the first bytes of so many. Where the name is a picture's they
/// are not looked at.
Content content_of(const std::string& name, std::string_view front, std::uint64_t bytes,
                   const ImageSetOptions& options);
/// The same of a file on disk. Pipes and devices are not opened.
Content content_of_file(const std::string& path, const ImageSetOptions& options);

/// Which of the two kinds a set is made of: the first picture or array says it.
class KindOfSet {
 public:
  /// `culprit`: the folder or archive.
  explicit KindOfSet(std::string culprit) : culprit_(std::move(culprit)) {}

  /// Throws Error where the other kind was seen before.
  void see(const std::string& name, Content content);
  /// Whether what was seen belongs to the set. What is unclear does, unless they are
  /// pictures: to be refused by name rather than left out.
  bool takes(Content content) const;
  bool settled() const { return kind_.has_value(); }
  bool arrays() const { return kind_ == Content::array; }

 private:
  std::string culprit_, first_;
  std::optional<Content> kind_;
};

/// What of a folder or an archive is not an image of the set.
class PassedOver {
 public:
  void add(std::string name) { names_.push_back(std::move(name)); }
  bool any() const { return !names_.empty(); }
  /// How many, and to those who ask which.
  void tell(const std::string& culprit, const Telling& telling) const;

 private:
  std::vector<std::string> names_;
};

/// Whether a file that nobody named, such as labels beside images, may be opened. Where something
/// else is called so, a person is told that it is left out.
bool may_open(const std::string& path, const Telling& telling);

/// The bytes of a file among others. Throws Error for what is not a file: it may keep its reader
/// waiting, or never end.
std::string read_member_file(const std::string& path);

/// Decodes a picture or an array of one, told apart by their first bytes. Throws Error, opened by
/// `culprit`, also where a value is not finite.
Image decode_member(std::string bytes, const std::string& culprit, const ImageSetOptions& options);

}  // namespace diffusion
