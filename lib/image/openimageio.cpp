// The door of OpenImageIO, in the image module.
#include "lib/image/image_module.hpp"

#include <OpenImageIO/filesystem.h>
#include <OpenImageIO/imageio.h>

#include <sys/mman.h>
#include <unistd.h>

#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/image/colour.hpp"
#include "lib/image/openimageio_exr.hpp"
#include "lib/image/said_by.hpp"

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

Depth depth_of(const OIIO::TypeDesc& type) {
  if (type == OIIO::TypeUInt8) return Depth::uint8;
  if (type == OIIO::TypeUInt16) return Depth::uint16;
  return Depth::float32;
}

/// OpenImageIO's message of a file, which it knows by `name`. 2.4 says nothing, and 2.5 a
/// pattern that it forgot to fill in, where a file's header is cut off.
std::string said(std::string message, const std::string& name) {
  if (message.find("%s") != message.npos) message.clear();
  return said_by("OpenImageIO", std::move(message), name);
}

/// Why it can't encode a picture.
std::string why_not(const std::string& message) {
  return message.empty() ? "OpenImageIO does not say why" : message.substr(0, message.find('\n'));
}

/// In OpenEXR pictures of ours: a network's noise cannot be divided by its opacity, so colours
/// stand there as they are. Elsewhere opacity is multiplied into them.
constexpr const char* unmultiplied_mark = "unassociatedAlpha";

void divide_by_opacity(float* samples, std::size_t pixels, std::size_t channels) {
  for (std::size_t i = 0; i < pixels; ++i, samples += channels)
    for (std::size_t c = 0; c + 1 < channels; ++c)
      samples[c] = unassociated(samples[c], samples[channels - 1]);
}

/// OpenImageIO decodes 64 rows at once, or a row of tiles, with all channels of the file, into
/// memory of its own: a few bytes of a header could ask for all there is.
void check_rows(const OIIO::ImageSpec& spec) {
  constexpr double most = 1 << 30, rows_at_once = 64;
  const bool tiled = spec.tile_width > 0;
  const double rows = tiled ? spec.tile_height : rows_at_once;
  const double columns = std::max(spec.width, spec.tile_width);
  if (rows * columns * double(spec.pixel_bytes(true)) > most)
    throw Error("its rows are too wide: " + std::to_string(spec.width) + " pixels of " +
                std::to_string(spec.pixel_bytes(true)) + " bytes");
}

/// A file in memory that has a name: for readers that open files by themselves (HEIF's).
class NamedMemory {
 public:
  explicit NamedMemory(std::string_view bytes) : descriptor_(memfd_create("picture", MFD_CLOEXEC)) {
    for (std::size_t at = 0; descriptor_ >= 0 && at < bytes.size();) {
      const ssize_t put = write(descriptor_, bytes.data() + at, bytes.size() - at);
      if (put <= 0) throw Error("there is not enough memory for it");
      at += std::size_t(put);
    }
  }
  ~NamedMemory() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  NamedMemory(const NamedMemory&) = delete;
  NamedMemory& operator=(const NamedMemory&) = delete;

  std::string name() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

/// Says no where this OpenImageIO has no reader of the format.
bool decode_open(const char* format, std::string_view bytes, const PlacePicture& place) {
  OIIO::Filesystem::IOMemReader memory(bytes.data(), bytes.size());
  const auto input = OIIO::ImageInput::create(format, false, nullptr, &memory);
  if (!input) {
    OIIO::geterror();  // nobody else is to have it
    return false;
  }
  OIIO::ImageSpec config, spec;
  config["oiio:UnassociatedAlpha"] = 1;  // colours as the file has them
  std::optional<NamedMemory> named;
  if (!input->supports("ioproxy") || !input->set_ioproxy(&memory)) named.emplace(bytes);
  const std::string name = named ? named->name() : std::string("picture.") + format;
  {
    // Opening reads what is said of the picture. OpenImageIO 2.4 keeps the names of colour
    // profiles' tags in tables that every thread writes to.
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    if (!input->open(name, spec, config)) throw Error(said(input->geterror(), name));
  }
  if (spec.deep) throw Error("deep pixels are not supported");
  if (spec.depth > 1) throw Error("a volume, not a picture");
  check_rows(spec);

  const Depth depth = depth_of(spec.format);
  const auto extent = [](int value) { return std::size_t(std::max(value, 0)); };
  const bool exr = std::string_view(format) == "openexr";
  const int channels = exr ? picture_channels(spec.channelnames) : spec.nchannels;
  const PictureLayout layout{extent(spec.height), extent(spec.width), extent(channels), depth};
  void* const samples = place(layout);
  const bool read = input->read_image(0, 0, 0, channels, type_of(depth), samples);
  // A decoder may go on after an error with what it has: that is no picture.
  const std::string error = input->geterror();
  if (!read || !error.empty()) throw Error(said(error, name));
  if (exr && channels % 2 == 0 && spec.get_int_attribute(unmultiplied_mark) == 0)
    divide_by_opacity(static_cast<float*>(samples), layout.height * layout.width, layout.channels);
  return true;
}

/// Some of OpenImageIO's readers throw on files made to break them.
bool decode(const char* format, std::string_view bytes, const PlacePicture& place) {
  try {
    return decode_open(format, bytes, place);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {
    throw Error(said_by("OpenImageIO", e.what()));
  }
}

std::string encode(const char* format, const PictureLayout& layout, const void* samples,
                   std::string& bytes) {
  std::vector<unsigned char> memory;
  memory.reserve(layout.height * layout.width * layout.channels);  // 8 bits hardly take more
  OIIO::Filesystem::IOVecOutput writer(memory);
  const auto output = OIIO::ImageOutput::create(format, &writer);
  if (!output) return why_not(OIIO::geterror());
  OIIO::ImageSpec spec(int(layout.width), int(layout.height), int(layout.channels),
                       type_of(layout.depth));
  spec["oiio:UnassociatedAlpha"] = 1;
  spec["jpeg:subsampling"] = "4:4:4";
  spec["DateTime"] = "1980:01:01 00:00:00";  // the same pixels give the same bytes
  if (std::string_view(format) == "tiff") spec["compression"] = "zip";
  if (std::string_view(format) == "openexr" && layout.channels % 2 == 0)
    spec[unmultiplied_mark] = 1;
  if (std::string_view(format) == "openexr" && layout.channels == 2) {
    spec.channelnames = {"Y", "A"};
    spec.alpha_channel = 1;
  }
  output->set_ioproxy(&writer);
  if (!output->open(std::string("picture.") + format, spec) ||
      !output->write_image(type_of(layout.depth), samples) || !output->close())
    return why_not(output->geterror());
  bytes.append(reinterpret_cast<const char*>(memory.data()), memory.size());
  return "";
}

std::string encode_frames(const PictureLayout& layout, std::span<const void* const> frames,
                          std::string& bytes) {
  std::vector<unsigned char> memory;
  OIIO::Filesystem::IOVecOutput writer(memory);
  const auto output = OIIO::ImageOutput::create("gif", &writer);
  if (!output) return why_not(OIIO::geterror());
  OIIO::ImageSpec spec(int(layout.width), int(layout.height), int(layout.channels),
                       type_of(layout.depth));
  const std::vector<OIIO::ImageSpec> specs(frames.size(), spec);
  output->set_ioproxy(&writer);
  if (!output->open("animation.gif", int(specs.size()), specs.data()))
    return why_not(output->geterror());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (i > 0 && !output->open("animation.gif", spec, OIIO::ImageOutput::AppendSubimage))
      return why_not(output->geterror());
    if (!output->write_image(type_of(layout.depth), frames[i])) return why_not(output->geterror());
  }
  if (!output->close()) return why_not(output->geterror());
  bytes.append(reinterpret_cast<const char*>(memory.data()), memory.size());
  return "";
}

constexpr ImageModule module_table{decode, read_tiff_by_libtiff, read_webp_by_libwebp, encode,
                                   encode_frames};

}  // namespace

extern "C" const ImageModule* diffusion_image_module() {
  // Pictures are spread over threads by the caller.
  OIIO::attribute("threads", 1);
  OIIO::attribute("exr_threads", 1);
  return &module_table;
}

}  // namespace diffusion
