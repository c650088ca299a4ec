// Pictures of curves: gnuplot's door.
#pragma once
#include <string>
#include <string_view>

namespace diffusion {

/// png, svg and pdf.
enum class PictureType { png, svg, pdf };

/// By the ending of the file's name, as given to `flag`. Throws Error.
PictureType picture_type(const std::string& path, const std::string& flag);

/// The commands that open a picture of so many pixels (pdf: points of 1/72 inch), on
/// white. `name` identifies an svg among others on a page.
std::string gnuplot_terminal(PictureType type, int width, int height, const std::string& name);

/// In single quotes, where gnuplot expands nothing.
std::string gnuplot_quoted(std::string_view text);

/// Throws Error, named after the `flag` that asks for a picture, where gnuplot is not
/// installed: for before the work that the picture is to show.
void need_gnuplot(const std::string& flag);

/// What gnuplot draws from a script. The same script gives the same bytes: no user's
/// start-up file, no clock. Throws Error when it is not installed or complains.
std::string draw_with_gnuplot(const std::string& script);

}  // namespace diffusion
