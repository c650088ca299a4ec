// A TIFF file in memory, as libtiff opens it.
#pragma once
#include <tiffio.h>

#include <cstdarg>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace diffusion {

class TiffSource {
 public:
  static constexpr std::size_t most_bytes = std::size_t(1) << 30;  // that libtiff may take at once

  /// Throws Error where libtiff does not open it, or ignores a tag that pixels depend on; `bytes`
  /// must outlive this.
  explicit TiffSource(std::string_view bytes);
  TiffSource(const TiffSource&) = delete;
  TiffSource& operator=(const TiffSource&) = delete;

  TIFF* tiff() const { return tiff_.get(); }
  /// Throws Error where a strip or tile has no place in the file; libtiff would read its header.
  void need_all_parts() const;
  /// Throws Error: that the file ends too early, where libtiff wanted more than there is, or the
  /// first thing that libtiff said of it.
  [[noreturn]] void fail() const;

 private:
  // What libtiff calls.
  static TiffSource& of(thandle_t handle) { return *static_cast<TiffSource*>(handle); }
  static tmsize_t read(thandle_t handle, void* to, tmsize_t size);
  static tmsize_t write(thandle_t handle, void* from, tmsize_t size);
  static toff_t seek(thandle_t handle, toff_t offset, int whence);
  static toff_t size(thandle_t handle);
  static int close(thandle_t handle);
  static int keep_warning(TIFF* tiff, void* to, const char* module, const char* format,
                          va_list values);
  static int keep_error(TIFF* tiff, void* to, const char* module, const char* format,
                        va_list values);

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool past_end_ = false;
  std::string said_, lost_;
  std::unique_ptr<TIFF, decltype(&TIFFClose)> tiff_{nullptr, TIFFClose};
};

}  // namespace diffusion
