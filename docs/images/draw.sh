#!/usr/bin/env bash
# Draws the pictures of the documents: sheets of the sample's packs, cut out of their pages.
# It needs LibreOffice and poppler-utils, and the sample built into var/ (make demo).
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# name, page, and height of what is drawn on it, in pixels of a page that is 1286 wide
pictures="cover 1 735
balance 5 280
discounts 8 385
revenue 10 340"

for language in en vi; do
    .venv/bin/partner-reports pack --partner 000100 --from 2024-09-01 --to 2024-09-30 \
        --lang "$language" --output "$folder/$language" > "$folder/written"
    soffice --headless "-env:UserInstallation=file://$folder/profile" --convert-to pdf \
        --outdir "$folder/$language" "$(cat "$folder/written")" > /dev/null 2>&1
    while read -r name page height; do
        pdftoppm -png -singlefile -r 110 -f "$page" -l "$page" -x 30 -y 45 -W 1226 -H "$height" \
            "$folder/$language"/pack_*.pdf "docs/images/${name}_$language"
    done <<< "$pictures"
done
