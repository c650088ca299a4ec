// Pictures of curves: gnuplot's door.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace diffusion {

/// png, svg and pdf.
enum class PictureType { png, svg, pdf };

/// By the ending of the file's name, as given to `flag`. Throws Error.
PictureType picture_type(const std::string& path, const std::string& flag);

/// The commands that open a picture of so many pixels (pdf: points of 1/72 inch), on
/// white, with axes that stand back behind the curves. `name` identifies an svg among
/// others on a page.
std::string gnuplot_opening(PictureType type, int width, int height, const std::string& name);

/// How curve `index` is drawn, "lc rgb '#0072b2' dt 1": told apart with any kind of colour
/// vision, by Okabe and Ito's palette without its yellow, which white paper swallows. More
/// curves than colours go on in dashes.
std::string gnuplot_line(std::size_t index);

/// In single quotes, where gnuplot expands nothing.
std::string gnuplot_quoted(std::string_view text);

/// Throws Error, named after the `flag` that asks for a picture, where gnuplot is not
/// installed: for before the work that the picture is to show.
void need_gnuplot(const std::string& flag);

/// What gnuplot draws from a script. The same script gives the same bytes: no user's
/// start-up file, no clock. Throws Error when it is not installed or complains.
std::string draw_with_gnuplot(const std::string& script);

}  // namespace diffusion
