// The options of pictures of the way from noise to samples.
#pragma once
#include "lib/output/films.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion {

void add_film_options(const cli::Flags& flags, FilmRequest& request);

/// Throws Error where a file's name does not suit what goes into it.
void check_films(const FilmRequest& request);

}  // namespace diffusion
