// Emoji by Slack's names: those that apps use in messages. Others stay as they were written.

const NAMES = `
white_check_mark ✅|heavy_check_mark ✔️|x ❌|warning ⚠️|octagonal_sign 🛑|no_entry ⛔|no_entry_sign 🚫|wave 👋|tada 🎉|eyes 👀
hourglass ⌛|hourglass_flowing_sand ⏳|lock 🔒|unlock 🔓|closed_lock_with_key 🔐|key 🔑|bulb 💡|information_source ℹ️|question ❓|exclamation ❗
red_circle 🔴|large_green_circle 🟢|large_yellow_circle 🟡|large_orange_circle 🟠|large_blue_circle 🔵|white_circle ⚪|black_circle ⚫
large_green_square 🟩|large_red_square 🟥|large_yellow_square 🟨|large_orange_square 🟧|small_red_triangle 🔺|small_red_triangle_down 🔻
arrow_up ⬆️|arrow_down ⬇️|arrow_right ➡️|arrow_left ⬅️|arrow_upper_right ↗️|arrow_lower_right ↘️|arrows_counterclockwise 🔄|repeat 🔁
chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|bar_chart 📊|moneybag 💰|pound 💷|money_with_wings 💸|credit_card 💳|receipt 🧾
calendar 📆|date 📅|spiral_calendar_pad 🗓️|clock1 🕐|clock9 🕘|alarm_clock ⏰|stopwatch ⏱️|timer_clock ⏲️|bell 🔔|no_bell 🔕|mute 🔇|speaker 🔈
page_facing_up 📄|clipboard 📋|memo 📝|pencil ✏️|pencil2 ✏️|paperclip 📎|file_folder 📁|open_file_folder 📂|card_index 📇|package 📦|truck 🚚
office 🏢|department_store 🏬|house 🏠|factory 🏭|car 🚗|wrench 🔧|hammer_and_wrench 🛠️|gear ⚙️|electric_plug 🔌|link 🔗|mag 🔍|mag_right 🔎
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|raised_hand ✋|hand ✋|raising_hand 🙋|pray 🙏|clap 👏|point_right 👉|muscle 💪
smile 😄|slightly_smiling_face 🙂|wink 😉|thinking_face 🤔|sweat_smile 😅|sob 😭|confused 😕|robot_face 🤖|bust_in_silhouette 👤|busts_in_silhouette 👥
email 📧|envelope ✉️|incoming_envelope 📨|inbox_tray 📥|outbox_tray 📤|telephone_receiver 📞|phone ☎️|speech_balloon 💬|mega 📣|loudspeaker 📢
star ⭐|sparkles ✨|fire 🔥|rocket 🚀|zap ⚡|heart ❤️|seedling 🌱|sunny ☀️|crescent_moon 🌙|zzz 💤|pause_button ⏸️|double_vertical_bar ⏸️
arrow_forward ▶️|fast_forward ⏩|new 🆕|ok 🆗|sos 🆘|shield 🛡️|trophy 🏆|checkered_flag 🏁|triangular_flag_on_post 🚩|flag-gb 🇬🇧|gb 🇬🇧|uk 🇬🇧
wastebasket 🗑️|recycle ♻️|rotating_light 🚨|construction 🚧|traffic_light 🚦|satellite 📡|computer 💻|cloud ☁️|handshake 🤝|scales ⚖️|ballot_box_with_check ☑️`;

const BY_NAME = Object.fromEntries(NAMES.trim().split(/[|\n]/).map((each) => each.trim().split(" ")));

export function emoji(name) {
  return Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : `:${name}:`;
}

/** Plain text with its emoji. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (_, name) => emoji(name));
}
