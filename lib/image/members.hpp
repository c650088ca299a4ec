// The files of a folder or an archive that are a set of images: pictures, or .npy files of
// one picture each, H x W x C, as the tools write values that are not to be rounded. Not
// both: an array beside a picture is likely to be the same one, or its noise.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/image/image_set.hpp"

namespace diffusion {

enum class Content {
  picture,  // by its name
  array,    // of one picture, by its header
  unclear,  // a .npy file whose header can't be read
  other,
};

/// Whether a file of this name may be an image of a set: it ends as pictures or .npy do.
bool may_be_image(const std::string& name);

/// What a file is whose name may be an image's; `front` are the first bytes of so many. Of a
/// picture they are not looked at.
Content content_of(const std::string& name, std::string_view front, std::uint64_t bytes,
                   const ImageSetOptions& options);
/// The same of a file on disk.
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

/// Decodes a picture or an array of one, told apart by their first bytes. `culprit` opens the
/// message of Error.
Image decode_member(std::string bytes, const std::string& culprit, const ImageSetOptions& options);

}  // namespace diffusion
