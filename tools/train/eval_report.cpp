#include "tools/train/eval_report.hpp"

#include <ostream>

#include "lib/base/text.hpp"

namespace diffusion {
namespace {

std::string number(double value) { return significant(value, 5); }
std::string mean_of(const WeightedMean& tally) {
  return tally.count > 0 ? number(tally.mean()) : "-";
}
std::string error_of(const WeightedMean& tally) {
  return tally.count > 1 ? number(tally.error()) : "-";
}

bool has_loss(const Judgement& found) {
  return found.bands.front().loss.count > 0 || found.bands.back().loss.count > 0;
}

void print_bands(std::ostream& out, const Judgement& found) {
  const bool with_loss = has_loss(found);
  out << "t" << (with_loss ? "\tloss" : "") << "\teps_mse\tx0_mse\tbits_per_term\tterms\n";
  for (const Band& band : found.bands) {
    out << band.first << "-" << band.last;
    std::vector<const WeightedMean*> tallies = {&band.eps, &band.x0, &band.bits};
    if (with_loss) tallies.insert(tallies.begin(), &band.loss);
    for (const WeightedMean* tally : tallies) out << '\t' << mean_of(*tally);
    out << '\t' << std::to_string(std::size_t(band.bits.count)) << '\n';
  }
}

void print_bits(std::ostream& out, const Judgement& found) {
  const auto line = [&](const char* name, const WeightedMean& tally) {
    out << name << '\t' << mean_of(tally) << '\t' << error_of(tally) << '\n';
  };
  out << "\nbits_per_dimension\tmean\tstandard_error\n";
  line("prior", found.prior);
  line("steps", found.kl);
  line("decoder", found.last);
  line("bound", found.total);
  if (found.ode.count == 0) return;
  line("ode", found.ode);
  out << "ode_difference_error\t" << significant(found.ode_error, 2) << "\t-\n";
}

/// A label's name, or its number; "-" for images that have none.
std::string class_name(const std::optional<int>& label, const LabelNames& names) {
  if (!label) return "-";
  const auto number = std::size_t(*label);
  return number < names.size() ? printable(names[number]) : std::to_string(number);
}

void print_classes(std::ostream& out, const Judgement& found, const LabelNames& names) {
  const bool with_loss = has_loss(found), with_ode = found.ode.count > 0;
  out << "\nclass\timages" << (with_loss ? "\tloss\tstandard_error" : "")
      << "\tbound\tstandard_error" << (with_ode ? "\tode\tstandard_error" : "") << '\n';
  for (const auto& [label, tally] : found.classes) {
    out << class_name(label, names) << '\t' << std::size_t(tally.bound.count);
    if (with_loss) out << '\t' << mean_of(tally.loss) << '\t' << error_of(tally.loss);
    out << '\t' << mean_of(tally.bound) << '\t' << error_of(tally.bound);
    if (with_ode) out << '\t' << mean_of(tally.ode) << '\t' << error_of(tally.ode);
    out << '\n';
  }
}

Json tally_json(const WeightedMean& tally) {
  if (tally.count == 0) return nullptr;
  return {{"mean", number_to_json(tally.mean())},
          {"standard_error", tally.count > 1 ? number_to_json(tally.error()) : Json()}};
}

Json classes_json(const Judgement& found, const LabelNames& names) {
  Json classes = Json::array();
  for (const auto& [label, tally] : found.classes)
    classes.push_back({{"class", label ? Json(class_name(label, names)) : Json()},
                       {"label", label ? Json(*label) : Json()},
                       {"images", std::size_t(tally.bound.count)},
                       {"loss", tally_json(tally.loss)},
                       {"bound", tally_json(tally.bound)},
                       {"ode", tally_json(tally.ode)}});
  return classes;
}

}  // namespace

std::string decoder_name(const Judgement& found) {
  if (found.in_data_units) return "density in the units of the data";
  return found.decoder == Decoder::eight_bit ? "8-bit values" : "density on [-1, 1]";
}

void print_text(std::ostream& out, const Judgement& found, const LabelNames& names) {
  print_bands(out, found);
  print_bits(out, found);
  if (!found.classes.empty()) print_classes(out, found, names);
}

Json to_json(const Judgement& found, const LabelNames& names) {
  Json bands = Json::array();
  for (const Band& band : found.bands)
    bands.push_back({{"t", {band.first, band.last}},
                     {"terms", std::size_t(band.bits.count)},
                     {"loss", tally_json(band.loss)},
                     {"eps_mse", tally_json(band.eps)},
                     {"x0_mse", tally_json(band.x0)},
                     {"bits_per_term", tally_json(band.bits)}});
  Json all = {
      {"images", found.images},
      {"T", found.steps},
      {"terms", found.terms},
      {"decoder", decoder_name(found)},
      {"bands", std::move(bands)},
      {"bits_per_dimension",
       {{"prior", tally_json(found.prior)},
        {"steps", tally_json(found.kl)},
        {"decoder", tally_json(found.last)},
        {"bound", tally_json(found.total)},
        {"ode", tally_json(found.ode)}}},
      {"ode_difference_error", found.ode.count > 0 ? number_to_json(found.ode_error) : Json()}};
  if (!found.classes.empty()) all["classes"] = classes_json(found, names);
  return all;
}

}  // namespace diffusion
