// TGA files, as OpenImageIO reads them: what it would read wrong is found out before.
#pragma once
#include <string_view>

namespace diffusion {

/// Throws Error for depths other than 8, 15, 16, 24 and 32 bits, for a palette that does not begin
/// at colour 0, and for pixels outside it, which OpenImageIO (2.4) looks up in what memory holds.
void check_tga(std::string_view bytes);

}  // namespace diffusion
