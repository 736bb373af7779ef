-- Keys of what is known of the landing folder, and of the settings.
{{ broken_keys([
    'build_settings',
    'landing_files',
    'landing_scan',
]) }}
