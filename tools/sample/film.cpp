#include "tools/sample/film.hpp"

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/image/image_file.hpp"

namespace diffusion {

void add_film_options(const cli::Flags& flags, FilmRequest& request) {
  flags.add(
      {"--film", "FILE", "Also draw the way: a row a sample, a column a level", cli::pictures()},
      request.film);
  flags.add({.names = "--film-of",
             .value = "WHAT",
             .help = "What it shows: states x, estimates x0, or both",
             .values = cli::one_of({"x", "x0", "both"}),
             .needs = {"--film"}},
            request.of);
  flags.add({.names = "--film-rows",
             .value = "N",
             .help = "Samples in it, from the first",
             .values = cli::whole(1, 1000),
             .needs = {"--film"}},
            request.rows);
  flags.add(
      {"--gif", "FILE.gif", "Also animate the way: states beside estimates", cli::files({".gif"})},
      request.gif);
  flags.add({.names = "--gif-images",
             .value = "N",
             .help = "Samples in it, from the first",
             .values = cli::whole(1, 1000),
             .needs = {"--gif"}},
            request.gif_images);
  flags.add({.names = "--gif-fps",
             .value = "N",
             .help = "Frames a second",
             .values = cli::whole(1, 100),
             .needs = {"--gif"}},
            request.frames_a_second);
  flags.add({.names = "--frames",
             .value = "N",
             .help = "Levels that both show, evenly",
             .values = cli::whole(2, 1000),
             .otherwise = "10 in a film, 51 in a GIF",
             .needs = {"--film", "--gif"}},
            request.frames);
}

void check_films(const FilmRequest& request) {
  if (!request.film.empty() && !is_writable_image_name(request.film))
    throw Error(request.film + ": a film is a picture; name it .png, for instance");
  if (!request.gif.empty() && extension_of(request.gif) != ".gif")
    throw Error(request.gif + ": --gif needs a name that ends in .gif");
}

}  // namespace diffusion
