#include "tools/sample/invert_report.hpp"

#include <ostream>
#include <utility>

#include "lib/base/text.hpp"

namespace diffusion {
namespace {

void add_numbers(Json& to, const RoundTrip& trip) {
  to["rms"] = number_to_json(trip.rms);
  to["psnr"] = number_to_json(trip.psnr());
  to["latent_rms"] = number_to_json(trip.latent_rms);
}

}  // namespace

void print_table(std::ostream& out, const std::vector<RoundTrip>& trips) {
  out << "image\trms\tpsnr\tlatent_rms\n";
  for (const RoundTrip& trip : trips)
    out << trip.name << '\t' << significant(trip.rms, 4) << '\t' << significant(trip.psnr(), 4)
        << '\t' << significant(trip.latent_rms, 4) << '\n';
}

Json to_json(const std::vector<RoundTrip>& trips, Json about) {
  add_numbers(about, trips.back());
  about["images"] = Json::array();
  for (std::size_t n = 0; n + 1 < trips.size(); ++n) {
    Json image{{"name", trips[n].name}};
    add_numbers(image, trips[n]);
    about["images"].push_back(std::move(image));
  }
  return about;
}

}  // namespace diffusion
