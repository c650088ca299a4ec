#include "lib/image/members.hpp"

#include <algorithm>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/base/random_access.hpp"
#include "lib/image/array_images.hpp"
#include "lib/image/image_file.hpp"
#include "lib/tensor/formats/npy_header.hpp"

namespace diffusion {
namespace {

constexpr std::uint64_t header_at_most = 4096;  // NumPy's have some hundred bytes

}  // namespace

bool may_be_image(const std::string& name) {
  return is_image_name(name) || extension_of(name) == ".npy";
}

Content content_of(const std::string& name, std::string_view front, std::uint64_t bytes,
                   const ImageSetOptions& options) {
  if (is_image_name(name)) return Content::picture;
  try {
    const NpyHeader header = read_npy_header(front, bytes, name);
    return is_one_picture(header.shape, options) ? Content::array : Content::other;
  } catch (const Error&) {
    return Content::unclear;
  }
}

Content content_of_file(const std::string& path, const ImageSetOptions& options) {
  if (is_image_name(path)) return Content::picture;
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none)) return Content::unclear;
  try {
    const RandomAccessFile file(path);
    std::string front(std::size_t(std::min(file.size(), header_at_most)), '\0');
    file.read(0, front.data(), front.size());
    return content_of(path, front, file.size(), options);
  } catch (const Error&) {
    return Content::unclear;
  }
}

void KindOfSet::see(const std::string& name, Content content) {
  if (content != Content::picture && content != Content::array) return;
  if (!kind_) {
    kind_ = content;
    first_ = name;
  }
  if (kind_ == content) return;
  throw Error(culprit_ + ": holds pictures (" + (arrays() ? name : first_) +
              ") and arrays of one picture each (" + (arrays() ? first_ : name) +
              "); a set takes one kind: move the others elsewhere");
}

bool KindOfSet::takes(Content content) const {
  return content == Content::unclear ? kind_ != Content::picture : content == kind_;
}

Image decode_member(std::string bytes, const std::string& culprit, const ImageSetOptions& options) {
  if (!is_npy(bytes)) return decode_image(bytes, culprit, options.sixteen);
  return image_of_array(npy_from_bytes(std::move(bytes), culprit), culprit, options);
}

}  // namespace diffusion
