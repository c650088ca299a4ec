#include "lib/image/libtiff_source.hpp"

#include <algorithm>
#include <cstdio>

#include "lib/base/error.hpp"
#include "lib/image/bytes.hpp"
#include "lib/image/said_by.hpp"

namespace diffusion {
namespace {

/// Whether a warning is of a tag without which pixels would be taken for something else.
bool loses_pixels(std::string_view warning) {
  constexpr std::string_view tags =
      R"("BitsPerSample" "ColorMap" "Compression" "ExtraSamples" "FillOrder" "Group3Options" )"
      R"("InkSet" "PhotometricInterpretation" "PlanarConfiguration" "Predictor" )"
      R"("ReferenceBlackWhite" "RowsPerStrip" "SampleFormat" "SamplesPerPixel" "TileLength" )"
      R"("TileWidth" "YCbCrSubsampling")";
  const std::size_t open = warning.find('"'), close = warning.rfind('"');
  return warning.ends_with("tag ignored") && open < close &&
         tags.find(warning.substr(open, close + 1 - open)) != tags.npos;
}

}  // namespace

TiffSource::TiffSource(std::string_view bytes) : bytes_(bytes) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
      TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), most_bytes);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, this);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep_warning, this);
  // "m": not to be mapped.
  tiff_.reset(TIFFClientOpenExt("", "rm", this, read, write, seek, close, size, nullptr, nullptr,
                                options.get()));
  if (!tiff_) fail();
  if (!lost_.empty()) throw Error(said_by("libtiff", lost_));
}

void TiffSource::need_all_parts() const {
  constexpr std::uint64_t header_bytes = 8;
  const bool tiled = TIFFIsTiled(tiff()) != 0;
  const std::uint32_t count = tiled ? TIFFNumberOfTiles(tiff()) : TIFFNumberOfStrips(tiff());
  for (std::uint32_t i = 0; i < count; ++i)
    if (TIFFGetStrileOffset(tiff(), i) < header_bytes)
      throw Error(std::string("damaged: it lacks ") + (tiled ? "tiles" : "strips"));
}

void TiffSource::fail() const {
  throw Error(past_end_ ? truncated_picture : said_by("libtiff", said_));
}

tmsize_t TiffSource::read(thandle_t handle, void* to, tmsize_t size) {
  TiffSource& source = of(handle);
  const std::size_t left = source.bytes_.size() - std::min(source.at_, source.bytes_.size());
  const std::size_t got = std::min(std::size_t(std::max<tmsize_t>(size, 0)), left);
  std::copy_n(source.bytes_.data() + source.at_, got, static_cast<char*>(to));
  source.at_ += got;
  source.past_end_ |= tmsize_t(got) < size;
  return tmsize_t(got);
}

tmsize_t TiffSource::write(thandle_t, void*, tmsize_t) { return 0; }

toff_t TiffSource::seek(thandle_t handle, toff_t offset, int whence) {
  TiffSource& source = of(handle);
  const std::size_t from = whence == SEEK_SET   ? 0
                           : whence == SEEK_CUR ? source.at_
                                                : source.bytes_.size();
  source.past_end_ |= from + offset > source.bytes_.size();
  source.at_ = std::min<std::size_t>(from + offset, source.bytes_.size());
  return source.at_;
}

toff_t TiffSource::size(thandle_t handle) { return of(handle).bytes_.size(); }

int TiffSource::close(thandle_t) { return 0; }

int TiffSource::keep_warning(TIFF*, void* to, const char*, const char* format, va_list values) {
  char text[256];
  std::vsnprintf(text, sizeof text, format, values);
  if (loses_pixels(text)) of(to).lost_ = text;
  return 1;
}

int TiffSource::keep_error(TIFF*, void* to, const char*, const char* format, va_list values) {
  char text[256];
  std::vsnprintf(text, sizeof text, format, values);
  std::string& said = of(to).said_;
  if (said.empty()) said = text;
  return 1;  // and let nobody print it
}

}  // namespace diffusion
