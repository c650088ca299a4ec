// The format: the GIF89a Specification.
#include "lib/image/animation.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/image/alike.hpp"
#include "lib/image/format.hpp"
#include "lib/image/image_module.hpp"
#include "lib/image/pixels.hpp"

namespace diffusion {
namespace {

std::size_t byte_at(const std::string& bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

/// The size of a table of colours that `flags` announce.
std::size_t table_bytes(std::size_t flags) {
  return flags & 0x80 ? std::size_t(3) << ((flags & 7) + 1) : 0;
}

std::size_t behind_blocks(const std::string& gif, std::size_t at) {
  while (byte_at(gif, at) != 0) at += byte_at(gif, at) + 1;
  return at + 1;
}

/// Where the times of the frames stand, two bytes each: in their graphic control extensions
/// (Sec. 23).
std::vector<std::size_t> delays(const std::string& gif) {
  constexpr std::size_t trailer = 0x3b, extension = 0x21, control = 0xf9, screen = 13;
  std::vector<std::size_t> found;
  std::size_t at = screen + table_bytes(byte_at(gif, 10));
  while (byte_at(gif, at) != trailer) {
    if (byte_at(gif, at) == extension) {
      if (byte_at(gif, at + 1) == control) found.push_back(at + 4);
      at = behind_blocks(gif, at + 2);
    } else {  // an image: its place, its colours, the size of its first code, its data
      at = behind_blocks(gif, at + 10 + table_bytes(byte_at(gif, at + 9)) + 1);
    }
  }
  return found;
}

/// OpenImageIO's versions disagree on the rate that they are told.
void set_pace(std::string& gif, const AnimationPace& pace) {
  const auto set = [&gif](std::size_t at, long hundredths) {
    gif[at] = char(hundredths & 0xff);
    gif[at + 1] = char(hundredths >> 8);
  };
  const std::vector<std::size_t> places = delays(gif);
  for (const std::size_t at : places) set(at, 100 / pace.frames_a_second);
  if (pace.hold > 0) set(places.back(), std::clamp(std::lround(100 * pace.hold), 1L, 65535L));
}

void check_name(const std::string& path) {
  const PictureFormat* const format = format_of_name(path);
  if (!format || std::string_view(format->name) != "gif")
    throw Error(path + ": an animation is a GIF, so its name must end in .gif");
}

}  // namespace

void Animation::add(const Image& frame) {
  assert(frames_.empty() || frame.pixels.shape() == shape_);
  shape_ = frame.pixels.shape();
  const Tensor rgb = with_channels(frame.pixels, 3);  // the writer takes no grey
  to_samples({rgb.data(), rgb.size()}, frames_.emplace_back(rgb.size()).data());
}

void Animation::write(const std::string& path, const AnimationPace& pace) const {
  check_name(path);
  assert(!frames_.empty());
  constexpr std::size_t most = 65535;  // GIF writes extents in 16 bits
  if (shape_[0] > most || shape_[1] > most)
    throw Error(path + ": frames of " + std::to_string(shape_[1]) + " x " +
                std::to_string(shape_[0]) + " pixels; a GIF has at most 65535 x 65535");
  std::vector<const void*> starts;
  for (const auto& frame : frames_) starts.push_back(frame.data());
  std::string bytes;
  const std::string why = image_module().encode_frames({shape_[0], shape_[1], 3}, starts, bytes);
  if (!why.empty()) throw Error(path + ": cannot be encoded (" + why + ")");
  set_pace(bytes, pace);
  write_file(path, bytes);
}

}  // namespace diffusion
