// The door of OpenImageIO, built as a module of its own (openimageio.hpp).
#include "lib/image/openimageio.hpp"

#include <OpenImageIO/filesystem.h>
#include <OpenImageIO/imageio.h>

#include <exception>
#include <mutex>
#include <span>
#include <vector>

#include "lib/base/error.hpp"

namespace diffusion {
namespace {

OIIO::TypeDesc type_of(Depth depth) {
  switch (depth) {
    case Depth::uint8:
      return OIIO::TypeUInt8;
    case Depth::uint16:
      return OIIO::TypeUInt16;
    case Depth::float32:
      return OIIO::TypeFloat;
  }
  __builtin_unreachable();
}

Depth depth_of(OIIO::TypeDesc type) {
  if (type == OIIO::TypeUInt8) return Depth::uint8;
  if (type == OIIO::TypeUInt16) return Depth::uint16;
  return Depth::float32;
}

/// OpenImageIO's message without a line break at its end. 2.4 says nothing, and 2.5 a pattern
/// that it forgot to fill in, where a file's header is cut off.
std::string tidy(std::string message) {
  while (!message.empty() && message.back() == '\n') message.pop_back();
  for (char& c : message)
    if (c == '\n') c = ' ';
  const bool says_nothing = message.empty() || message.find("%s") != std::string::npos;
  return says_nothing ? "it can't be decoded" : message;
}

std::string decode_open(std::string_view bytes, const char* format,
                        const std::function<void*(const PictureLayout&)>& place) {
  OIIO::Filesystem::IOMemReader memory(bytes.data(), bytes.size());
  const auto input = OIIO::ImageInput::create(format, false, nullptr, &memory);
  if (!input) return tidy(OIIO::geterror());
  OIIO::ImageSpec config, spec;
  config["oiio:UnassociatedAlpha"] = 1;  // colours as the file has them
  input->set_ioproxy(&memory);
  {
    // Opening reads what is said of the picture. OpenImageIO 2.4 keeps the names of colour
    // profiles' tags in tables that every thread writes to.
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    if (!input->open(std::string("picture.") + format, spec, config))
      return tidy(input->geterror());
  }
  if (spec.deep) return "deep pixels are not supported";
  if (spec.depth > 1) return "a volume, not a picture";

  const Depth depth = depth_of(spec.format);
  const auto extent = [](int value) { return std::size_t(std::max(value, 0)); };
  void* samples = place({extent(spec.height), extent(spec.width), extent(spec.nchannels), depth});
  const bool read = input->read_image(0, 0, 0, spec.nchannels, type_of(depth), samples);
  // A decoder may go on after an error with what it has: that is no picture.
  const std::string error = input->geterror();
  return read && error.empty() ? "" : tidy(error);
}

/// Some of OpenImageIO's readers throw on files made to break them.
std::string decode(std::string_view bytes, const char* format,
                   const std::function<void*(const PictureLayout&)>& place) {
  try {
    return decode_open(bytes, format, place);
  } catch (const Error&) {
    throw;  // ours, from `place`
  } catch (const std::exception& e) {
    return std::string("its reader failed: ") + e.what();
  }
}

std::string encode(const char* format, const PictureLayout& layout, const void* samples,
                   std::string& bytes) {
  std::vector<unsigned char> memory;
  memory.reserve(layout.height * layout.width * layout.channels);  // 8 bits hardly take more
  OIIO::Filesystem::IOVecOutput writer(memory);
  const auto output = OIIO::ImageOutput::create(format, &writer);
  if (!output) return tidy(OIIO::geterror());
  OIIO::ImageSpec spec(int(layout.width), int(layout.height), int(layout.channels),
                       type_of(layout.depth));
  spec["oiio:UnassociatedAlpha"] = 1;
  spec["jpeg:subsampling"] = "4:4:4";
  spec["DateTime"] = "1980:01:01 00:00:00";  // the same pixels give the same bytes
  if (std::string_view(format) == "tiff") spec["compression"] = "zip";
  output->set_ioproxy(&writer);
  if (!output->open(std::string("picture.") + format, spec) ||
      !output->write_image(type_of(layout.depth), samples) || !output->close())
    return tidy(output->geterror());
  bytes.append(reinterpret_cast<const char*>(memory.data()), memory.size());
  return "";
}

std::string encode_frames(const PictureLayout& layout, std::span<const void* const> frames,
                          std::string& bytes) {
  std::vector<unsigned char> memory;
  OIIO::Filesystem::IOVecOutput writer(memory);
  const auto output = OIIO::ImageOutput::create("gif", &writer);
  if (!output) return tidy(OIIO::geterror());
  OIIO::ImageSpec spec(int(layout.width), int(layout.height), int(layout.channels),
                       type_of(layout.depth));
  const std::vector<OIIO::ImageSpec> specs(frames.size(), spec);
  output->set_ioproxy(&writer);
  if (!output->open("animation.gif", int(specs.size()), specs.data()))
    return tidy(output->geterror());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (i > 0 && !output->open("animation.gif", spec, OIIO::ImageOutput::AppendSubimage))
      return tidy(output->geterror());
    if (!output->write_image(type_of(layout.depth), frames[i])) return tidy(output->geterror());
  }
  if (!output->close()) return tidy(output->geterror());
  bytes.append(reinterpret_cast<const char*>(memory.data()), memory.size());
  return "";
}

constexpr ImageModule module_table{decode, encode, encode_frames};

}  // namespace

extern "C" const ImageModule* diffusion_image_module() {
  // Pictures are spread over threads by the caller.
  OIIO::attribute("threads", 1);
  OIIO::attribute("exr_threads", 1);
  return &module_table;
}

}  // namespace diffusion
