#include "lib/image/members.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/path.hpp"
#include "lib/base/random_access.hpp"
#include "lib/base/text.hpp"
#include "lib/image/array_images.hpp"
#include "lib/image/format.hpp"
#include "lib/image/image_file.hpp"
#include "lib/image/seen_images.hpp"
#include "lib/tensor/finite.hpp"
#include "lib/tensor/formats/npy_header.hpp"

namespace diffusion {
namespace {

bool is_array_name(const std::string& name) { return extension_of(name) == ".npy"; }

/// Whether a file is a picture though its name does not say so. Two letters alone do not make a
/// text one.
bool begins_as_picture(std::string_view front) {
  const FileKind kind = file_kind(front);
  if (kind == FileKind::bmp) return front.substr(0, 10).ends_with(std::string_view("\0\0\0\0", 4));
  if (kind == FileKind::pnm) {
    const auto next = front.find_first_not_of(" \t\r\n", 2);
    return next != front.npos && (front[next] == '#' || std::isdigit(std::uint8_t(front[next])));
  }
  return format_of_kind(kind) != nullptr;
}

}  // namespace

Content content_of(const std::string& name, std::string_view front, std::uint64_t bytes,
                   const ImageSetOptions& options) {
  if (is_image_name(name)) return Content::picture;
  if (!is_array_name(name)) return begins_as_picture(front) ? Content::picture : Content::other;
  try {
    const NpyHeader header = read_npy_header(front, bytes, name);
    return is_one_picture(header.shape, options) ? Content::array : Content::other;
  } catch (const Error&) {
    return Content::unclear;
  }
}

Content content_of_file(const std::string& path, const ImageSetOptions& options) {
  if (is_image_name(path)) return Content::picture;
  const Content unread = is_array_name(path) ? Content::unclear : Content::other;
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none)) return unread;
  try {
    const RandomAccessFile file(path);
    std::string front(std::size_t(std::min(file.size(), enough_to_recognise)), '\0');
    file.read(0, front.data(), front.size());
    return content_of(path, front, file.size(), options);
  } catch (const Error&) {
    return unread;
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

void PassedOver::tell(const std::string& culprit, const Telling& telling) const {
  if (names_.empty()) return;
  const bool one = names_.size() == 1;
  telling.say(culprit + ": " + count_of(names_.size(), "file") +
              (one ? " is not a picture and was" : " are not pictures and were") +
              " passed over; `verbose` lists " + (one ? "it" : "them"));
  for (const std::string& name : names_) telling.explain(culprit + ": passed over: " + name);
}

bool may_open(const std::string& path, const Telling& telling) {
  std::error_code none;
  const auto status = std::filesystem::status(path, none);
  if (is_regular_file(status)) return true;
  if (exists(status))
    telling.say(path + ": is " + (is_directory(status) ? "a folder" : "a pipe or a device") +
                ", not a file, and is left out");
  return false;
}

std::string read_member_file(const std::string& path) {
  if (is_stream(path)) throw Error(path + ": is a pipe or a device, not a file");
  return read_file(path, picture_limit);
}

Image decode_member(std::string bytes, const std::string& culprit, const ImageSetOptions& options) {
  const bool array = is_npy(bytes);
  Image image = array ? image_of_array(npy_from_bytes(std::move(bytes), culprit), culprit, options)
                      : decode_image(bytes, culprit, options.sixteen.value_or(SixteenBits::scale));
  if (image.depth != Depth::float32) return image;
  if (!all_finite(image.pixels)) throw Error(culprit + ": holds values that are " + not_finite);
  if (!array && options.seen) options.seen->add_float_picture(culprit, image.pixels);
  return image;
}

}  // namespace diffusion
